"""Where connectors come from: the folders beside this file, folders an operator names, installed packages.

Finding is reading: nothing of a connector runs before it is switched on. A folder outside the hub is imported
under a private name, so its modules never stand in for anybody else's.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from connectors.binding import Catalog
from connectors.manifest import Manifest, ManifestRefused, read_manifest
from connectors.toml import Problem
from hmis.errors import InputRefused

HERE = Path(__file__).parent
MANIFEST = "connector.toml"
GROUP = "hmis_hub.connectors"
"""Entry points of installed packages: the connector's id = the package that holds its `connector.toml`."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that says it is a connector. id: what it must be called there. package: how it is imported;
    "" = it is not on Python's path."""

    folder: Path
    id: str
    where: str
    package: str = ""


@dataclass(frozen=True, slots=True)
class Installed:
    """A connector's folder and its checked manifest. where: for operators."""

    folder: Path
    manifest: Manifest
    where: str = "the hub"
    package: str = ""

    @property
    def has_code(self) -> bool:
        return (self.folder / "source.py").exists()

    def has(self, module: str) -> bool:
        return (self.folder / f"{module}.py").exists()

    def module(self, name: str) -> ModuleType:
        """One of its modules: `source`. Runs it."""
        return importlib.import_module(f"{self.package or _private(self.folder)}.{name}")

    def function(self, written: str) -> Callable[[object], object]:
        """`package.module:function`; with a dot in front it is in the connector's own folder.

        Raises:
            InputRefused: there is no such function.
        """
        module, _, name = written.partition(":")
        try:
            found = self.module(module[1:]) if module.startswith(".") else importlib.import_module(module)
            function = getattr(found, name)
        except (ImportError, AttributeError):
            function = None
        if not callable(function):
            raise InputRefused(f"Connector {self.manifest.id}: there is no function {written}.")
        return function  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Refused:
    """A connector that cannot be used. It is in nobody's way until somebody switches it on."""

    id: str
    where: str
    fault: InputRefused


@dataclass(frozen=True, slots=True)
class Discovered:
    installed: Mapping[str, Installed]
    refused: tuple[Refused, ...] = field(default=())


def discovered(
    catalog: Catalog | None = None, extra: Sequence[Path] = (), root: Path = HERE, *, packages: bool = True
) -> Discovered:
    """Every connector there is, by id, and those that cannot be used.

    catalog: what of the schema partners can fill; what a manifest supplies is held against it. extra: folders
    of connectors, or folders that hold such. packages: also look at what is installed.

    Raises:
        InputRefused: one of `extra` holds no connector.
    """
    places = [*_below(root, "the hub", "connectors" if root == HERE else ""), *_named(extra)]
    if packages:
        places += _packaged()
    by_id: dict[str, list[Place]] = defaultdict(list)
    for place in _once(places):
        by_id[place.id].append(place)
    found: dict[str, Installed] = {}
    refused: list[Refused] = []
    for name, claimed in by_id.items():
        try:
            found[name] = _only(claimed, catalog)
        except InputRefused as fault:
            refused.append(Refused(name, " and ".join(place.where for place in claimed), fault))
    return Discovered(found, tuple(refused))


def at(folder: Path, catalog: Catalog | None = None) -> Installed:
    """The connector in a folder, wherever the folder is and whatever it is called.

    Raises:
        ManifestRefused: with every fault of its manifest.
    """
    folder = folder.resolve()
    package = f"connectors.{folder.name}" if folder.parent == HERE.resolve() else ""
    return Installed(folder, read_manifest(folder / MANIFEST, catalog), str(folder), package)


def names_of(folder: Path) -> set[str]:
    """What a connector in this folder may be called: after the folder, or as its package says."""
    return {_id(folder.resolve())} | {
        place.id for place in _packaged() if place.folder.resolve() == folder.resolve()
    }


def _only(places: list[Place], catalog: Catalog | None) -> Installed:
    first, *others = places
    if others:
        also = " and ".join(f"{place.folder} ({place.where})" for place in others)
        raise InputRefused(
            f"Connector {first.id} is there twice, in {first.folder} ({first.where}) and {also}: "
            "which of them is meant is not guessed."
        )
    return _read(first, catalog)


def _read(place: Place, catalog: Catalog | None) -> Installed:
    manifest = read_manifest(place.folder / MANIFEST, catalog)
    if manifest.id != place.id:
        at_fault = Problem("id", f"must be {place.id}, after the name of its folder or entry point")
        raise ManifestRefused(f"{place.folder.name}/{MANIFEST}", [at_fault])
    return Installed(place.folder, manifest, place.where, place.package)


def _id(folder: Path) -> str:
    return folder.name.replace("_", "-")


def _below(root: Path, where: str, package: str = "") -> Iterator[Place]:
    for path in sorted(root.glob(f"*/{MANIFEST}")):
        inside = f"{package}.{path.parent.name}" if package else ""
        yield Place(path.parent, _id(path.parent), where, inside)


def _named(folders: Iterable[Path]) -> Iterator[Place]:
    for folder in folders:
        whole = folder.expanduser().resolve()
        if (whole / MANIFEST).exists():
            yield Place(whole, _id(whole), f"folder {folder}")
            continue
        below = list(_below(whole, f"folder {folder}"))
        if not below:
            raise InputRefused(f"There is no connector in {folder}: no {MANIFEST} in it or one level below.")
        yield from below


def _packaged() -> Iterator[Place]:
    for entry in metadata.entry_points(group=GROUP):
        named = entry.dist.name if entry.dist else entry.value
        try:
            spec = importlib.util.find_spec(entry.value)
        except (ImportError, ValueError):
            spec = None
        # A package whose folder is not there is found all the same, and refused when it is read.
        homes = list(spec.submodule_search_locations or ()) if spec else []
        folder = Path(homes[0]) if homes else Path(entry.value)
        yield Place(folder, entry.name, f"package {named}", entry.value)


def _once(places: Iterable[Place]) -> Iterator[Place]:
    """The same folder named twice is one connector."""
    seen: set[Path] = set()
    for place in places:
        if place.folder.resolve() not in seen:
            seen.add(place.folder.resolve())
            yield place


def _private(folder: Path) -> str:
    """The name under which a folder outside Python's path is a package; relative imports work in it."""
    name = f"_hub_connector_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
    if name in sys.modules:
        return name
    init = folder / "__init__.py"
    if init.exists():
        spec = importlib.util.spec_from_file_location(name, init, submodule_search_locations=[str(folder)])
    else:
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        if spec.loader is not None:
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return name
