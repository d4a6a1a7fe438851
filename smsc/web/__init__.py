"""The pages that people look at: static files, served as they are; `smsc.api.pages` says which stands where.

Every HTML file has `<base href="/">` in its head, which becomes `http.root_path`; every address in pages and
scripts is relative to it (`static/console/main.js`, `api/v1/messages`). No inline script or style: the policy
that comes with a page allows only files of our own.
"""
