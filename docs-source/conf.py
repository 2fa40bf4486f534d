"""How Sphinx makes docs/ out of docs-source/ (see build.py)."""

project = "Marketplace"
html_title = "Marketplace"
author = "The Marketplace developers"
extensions = ["myst_parser", "sphinx_copybutton"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["**/_*", "openapi.json"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# benchmarks.md shows a chart that `make bench` draws
suppress_warnings = ["image.not_readable"]
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0f766e", "color-brand-content": "#0f766e"},
    "dark_css_variables": {"color-brand-primary": "#2dd4bf", "color-brand-content": "#2dd4bf"},
}
copybutton_prompt_text = "$ "
