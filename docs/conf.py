"""The documentation site: `make docs`. Pages are Markdown and read well without it, but for the index and the reference."""
import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[1]

project = "vmbus-netvsc"
author = "The vmbus-netvsc authors"
release = re.search(r"^ *version: '(.*)',$", (ROOT / "meson.build").read_text(), re.M)[1]

extensions = ["myst_parser", "breathe"]
myst_heading_anchors = 3
breathe_projects = {project: os.environ["DOXYGEN_XML"]}  # tools/docs makes it
breathe_default_project = project
breathe_default_members = ("members",)
primary_domain = None  # indented blocks are command lines
highlight_language = "none"

html_theme = "sphinx_rtd_theme"
html_title = f"vmbus-netvsc {release}"
html_show_sphinx = False
html_copy_source = False
html_show_copyright = False
