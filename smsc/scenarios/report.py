"""Results of scenarios as JUnit XML, which every CI system reads."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from smsc.scenarios.run import Result


def junit(results: list[Result]) -> ElementTree[Element]:
    """One test suite a scenario, one test case an expectation."""
    root = Element("testsuites")
    for result in results:
        failures = sum(1 for check in result.checks if check.problem)
        suite = SubElement(
            root,
            "testsuite",
            name=_printable(result.title),
            tests=str(len(result.checks)),
            failures=str(failures),
            errors="0",
            time=f"{result.seconds:.3f}",
        )
        for check in result.checks:
            title = f"{check.name} at {check.at / 1000:g} s"
            case = SubElement(suite, "testcase", classname=_printable(result.title), name=_printable(title))
            if check.problem:
                failure = SubElement(case, "failure", message=_printable(check.problem))
                failure.text = _printable(check.story)
    indent(root)
    return ElementTree(root)


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(char for char in text if char.isprintable() or char == "\n")
