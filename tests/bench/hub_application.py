"""The hub for servers that import an application by its name, such as granian."""

from gateway.app import create_app
from gateway.settings import Settings

app = create_app(Settings.read())
