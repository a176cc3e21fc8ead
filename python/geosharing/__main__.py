"""The command line: `python -m geosharing run|serve|analyze|stage|upload|inspect|diff`."""

from __future__ import annotations

import argparse
import getpass
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from . import __version__, _portal
from .exceptions import SharingError

__all__ = ["main"]

RUN_HELP = """
Runs an unmodified arcpy script; `arcpy` and its submodules are provided by geosharing.
The options stand before the script, or after its arguments; everything after `--` is the script's.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser()
    options = parser.parse_args(given)
    try:
        return options.command(options)
    except (SharingError, OSError, ValueError) as error:
        print(f"geosharing: {str(error).rstrip()}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="geosharing", description="Publish ArcGIS content from any machine."
    )
    parser.add_argument("--version", action="version", version=f"geosharing {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run an arcpy script", description=RUN_HELP)
    _run_options(run)
    run.add_argument("script", help="path of the script")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="what the script finds in sys.argv")
    run.set_defaults(command=_run)

    serve = commands.add_parser("serve", help="run an embedded portal and server until Ctrl-C")
    serve.add_argument("folder", nargs="?", help="where its state is kept; a temporary folder when left out")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
    serve.add_argument("--port", type=int, default=7443, help="port to listen at (default: %(default)s)")
    serve.add_argument("--user", default="admin", help="name of the administrator (default: %(default)s)")
    serve.add_argument(
        "--workers",
        metavar="WHERE",
        default="local",
        help="what runs web tools: local, dask://host:port or none (default: %(default)s)",
    )
    serve.set_defaults(command=_serve)

    analyze = commands.add_parser("analyze", help="say what would go wrong, and what helps")
    analyze.add_argument("file", help="project, map or layer file, .sddraft, .sd, .pyt or .atbx")
    analyze.add_argument(
        "--as", dest="product", default="feature", help="what maps are to become (default: %(default)s)"
    )
    analyze.add_argument("--map", help="only the map of this name")
    analyze.add_argument("--arcmap", action="store_true", help="let ArcMap's own analyzers speak, too")
    analyze.add_argument("--json", action="store_true", help="print JSON")
    analyze.set_defaults(command=_analyze)

    stage = commands.add_parser("stage", help="make a .sd file of a .sddraft")
    stage.add_argument("draft")
    stage.add_argument("definition", nargs="?", help="default: beside the draft")
    stage.add_argument("--overwrite", action="store_true", help="replace the .sd file if it exists")
    stage.set_defaults(command=_stage)

    upload = commands.add_parser("upload", help="publish a .sd file to a portal")
    upload.add_argument("definition")
    upload.add_argument("--portal", metavar="URL", help="default: GEOSHARING_PORTAL_URL")
    upload.add_argument("--user", help="password from GEOSHARING_PORTAL_PASSWORD or the terminal")
    upload.add_argument("--name", help="name of the service; that of the file when left out")
    upload.add_argument("--folder", help="folder of My Content, made if missing")
    upload.add_argument("--overwrite", action="store_true", help="replace the service of that name")
    upload.add_argument("--everyone", action="store_true", help="share with everyone")
    upload.add_argument("--organization", action="store_true", help="share with the organisation")
    upload.add_argument("--group", action="append", default=[], help="share with a group; may be repeated")
    upload.set_defaults(command=_upload)

    inspect = commands.add_parser("inspect", help="show a project, layer file, draft or .sd as a tree")
    inspect.add_argument("file")
    inspect.add_argument("--depth", type=int, default=6, help="levels shown (default: %(default)s)")
    inspect.set_defaults(command=_inspect)

    diff = commands.add_parser("diff", help="compare two drafts or archives property by property")
    diff.add_argument("left")
    diff.add_argument("right")
    diff.set_defaults(command=_diff)
    return parser


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--project", metavar="APRX", help="what ArcGISProject('CURRENT') opens")
    parser.add_argument("--portal", metavar="URL", help="the active portal")
    parser.add_argument("--user", help="its user; password from GEOSHARING_PORTAL_PASSWORD or the terminal")
    parser.add_argument("--site", action="store_true", help="a fresh embedded site answers for every portal")
    parser.add_argument("--site-folder", metavar="DIR", help="like --site, and its state stays in DIR")


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Divide what follows the script into its arguments and our options at their end."""
    if "--" in arguments:
        place = arguments.index("--")
        return arguments[:place] + arguments[place + 1 :], []
    takes = {"--project": 1, "--portal": 1, "--user": 1, "--site": 0, "--site-folder": 1}
    for start in range(len(arguments)):
        index = start
        while index < len(arguments) and arguments[index].partition("=")[0] in takes:
            name, equals, _ = arguments[index].partition("=")
            index += 1 + (0 if equals else takes[name])
        if index == len(arguments):
            return arguments[:start], arguments[start:]
    return arguments, []


def _run(options: argparse.Namespace) -> int:
    from ._run import run_script

    arguments, trailing = _split(options.arguments)
    after = argparse.ArgumentParser(prog="geosharing run")
    _run_options(after)
    after.parse_args(trailing, options)
    if not os.path.isfile(options.script):
        raise FileNotFoundError(f"there is no script `{options.script}`")
    with ExitStack() as stack:
        if options.project:
            os.environ["GEOSHARING_PROJECT"] = os.path.abspath(options.project)
        if options.site or options.site_folder:
            stack.enter_context(_answering_site(options.site_folder))
        elif options.portal:
            _portal.activate(_sign_in(options.portal, options.user))
        return run_script(options.script, arguments)


@contextmanager
def _answering_site(folder: str | None) -> Iterator[None]:
    from .client import Portal
    from .site import Site

    name, password = f"script_{secrets.token_hex(4)}", secrets.token_urlsafe(18)
    with Site(folder) as site:
        site.add_user(name, password, "org_admin")
        _portal.activate(Portal(site.portal_url, name, password))
        _portal.redirect(lambda _: site.portal_url)
        try:
            yield
        finally:
            _portal.redirect(None)
            _portal.deactivate()
            for address in site.services():
                print(f"published {address}", file=sys.stderr)


def _sign_in(url: str | None, user: str | None) -> Any:
    from .client import Portal

    url = url or os.environ.get("GEOSHARING_PORTAL_URL")
    if not url:
        raise ValueError("no portal: pass --portal, or set GEOSHARING_PORTAL_URL")
    user = user or os.environ.get("GEOSHARING_PORTAL_USER")
    if not user:
        return Portal(url)
    password = os.environ.get("GEOSHARING_PORTAL_PASSWORD")
    if password is None:
        password = getpass.getpass(f"Password of {user} at {url}: ")
    return Portal(url, user, password)


def _serve(options: argparse.Namespace) -> int:
    from .site import serve

    return serve(
        options.folder, host=options.host, port=options.port, username=options.user, workers=options.workers
    )


def _analyze(options: argparse.Namespace) -> int:
    import json
    import shutil

    from .analyze import analyze

    reports = analyze(options.file, options.product, map_name=options.map, arcmap=options.arcmap)
    if options.json:
        print(json.dumps([report.to_dict() for report in reports], ensure_ascii=False, indent=2))
    else:
        width = min(shutil.get_terminal_size().columns, 120)
        print("\n\n".join(report.to_text(width) for report in reports) or f"`{options.file}` has no map")
    return 1 if any(report.has_errors for report in reports) else 0


def _stage(options: argparse.Namespace) -> int:
    from . import ExecuteError, GetMessages, env, server

    env.overwriteOutput = options.overwrite or env.overwriteOutput
    definition = options.definition or os.path.splitext(options.draft)[0] + ".sd"
    try:
        result = server.StageService(options.draft, definition)
    except ExecuteError as error:
        raise SharingError(str(error)) from error
    if GetMessages(1):
        print(GetMessages(1), file=sys.stderr)
    print(result.getOutput(0))
    return 0


def _upload(options: argparse.Namespace) -> int:
    from ._definition import read_manifest

    manifest = read_manifest(options.definition)
    portal = _sign_in(options.portal, options.user)
    shared = options.everyone or options.organization or options.group
    published = portal.publish(
        options.definition,
        options.name or manifest.service_name,
        title=options.name or manifest.title,
        properties=manifest.properties,
        folder=options.folder or manifest.portal_folder or None,
        overwrite=options.overwrite or manifest.overwrite,
        everyone=options.everyone if shared else manifest.everyone,
        organization=options.organization if shared else manifest.organization,
        groups=options.group if shared else list(manifest.groups),
    )
    for service in published.services:
        print(service.url)
    return 0


def _inspect(options: argparse.Namespace) -> int:
    from ._inspect import outline

    for line in outline(options.file, depth=options.depth):
        print(line)
    return 0


def _diff(options: argparse.Namespace) -> int:
    from ._inspect import differences

    lines = list(differences(options.left, options.right))
    for line in lines:
        print(line)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
