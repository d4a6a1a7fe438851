"""Coverage: where a handset is as the radio sees it, and until when it stays so.

Pure domain: zones, cells, signal, outages, movement. Time is an argument, in ms since the Unix epoch.
"""
