"""Wording: all that pages say, collected for whoever translates it.

`make words` writes `words/<language>/hub.po` anew: what is said now, in the order of the files that say it,
with the translations that were there. Dates, line numbers and versions stay out, so that a change of a page
shows as the words it changed. What is to be translated is marked by `_()`, `ngettext` or `{% trans %}`; the
words of `auth/plain.py` are collected by name, because nothing there knows of pages.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from auth import plain
from gateway.pages.rendering import EXTENSIONS, LANGUAGES

FOLDER = Path(__file__).parent
_METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
_OPTIONS = {"templates/**.html": {"extensions": EXTENSIONS[1], "newstyle_gettext": "true", "trimmed": "true"}}
_HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def collected() -> Catalog:
    """All that pages say, and where: files by their path in `gateway/pages`."""
    catalog = Catalog()
    for place, line, words in sorted(_said(), key=lambda one: one[:2]):
        catalog.add(words, locations=[(place, line)])
    return catalog


def _said() -> Iterator[tuple[str, int, str | tuple[str, ...]]]:
    """File, line, and what is said there."""
    named = [*plain.CATEGORIES.values(), *plain.LABELS.values(), *plain.PURPOSES.values()]
    for number, words in enumerate(named):
        yield "auth/plain.py", number, words
    found = extract_from_dir(FOLDER, _METHODS, _OPTIONS, DEFAULT_KEYWORDS, strip_comment_tags=True)
    for place, line, message, _, _ in found:
        yield Path(place).as_posix(), line, message


def file_of(language: str) -> Path:
    """Where the words of a language are."""
    return FOLDER / "words" / language / "hub.po"


def kept(language: str) -> Catalog:
    """The words of a language as they are in its file."""
    return read_po(io.BytesIO(file_of(language).read_bytes()), locale=language)


def renewed(language: str) -> str:
    """What the file of a language has to hold: all that is said, with the translations there are."""
    catalog = kept(language)
    catalog.update(collected(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    written = io.BytesIO()
    write_po(written, catalog, width=110, omit_header=True, include_lineno=False, sort_by_file=True)
    return _HEADER.format(language=language) + written.getvalue().decode("utf-8")


def main() -> None:
    for language in LANGUAGES:
        if language != "en":
            text = renewed(language)
            file_of(language).write_text(text, encoding="utf-8")
            catalog = kept(language)
            to_do = len(untranslated(catalog))
            sys.stdout.write(f"{language}: {len(catalog)} words and sentences, {to_do} to translate.\n")


def untranslated(catalog: Catalog) -> list[Message]:
    """What has no translation yet, or lacks its plural."""
    return [message for message in catalog if message.id and not (message.string and all(message.string))]


if __name__ == "__main__":
    main()
