"""The numbered rules of Norway's services, each with its source, and those no software can keep."""

from __future__ import annotations

from typing import Final, NamedTuple


class Rule(NamedTuple):
    """One rule: its number, what it demands, and where it stands."""

    id: str
    demand: str
    source: str


SOURCES: Final = {
    "S0": "Nød-SMS, front page with questions and answers, in English (nodsms.no)",
    "S1": "Contact Information Register page (norge.no), updated 17 February 2017",
    "S2": "Nkom, 6-digit EEA-harmonised numbers 116xyz (older page, Nynorsk)",
    "S3": "Nkom, the Norwegian numbering plan (newer page, Bokmål, after 2020)",
    "NS": "Nød-SMS, other pages: how it works, terms, privacy",
    "DIGDIR": "Digdir's documentation of the contact and reservation register",
    "FAQ": "Questions and answers by Digdir (earlier Difi) for those who use the register",
    "WEB": "another public web page",
    "P": "policy: the sources are silent, this is the project's choice",
}

RULES: Final = (
    Rule("N1", "SMS to 0047 59 555 110/112/113 reach the fire, police and medical centre", "S0"),
    Rule("N2", "1412 is for calls by text telephone; an SMS to it is no emergency SMS", "S0"),
    Rule("N3", "the number with 0047, +47, 47 or no country code reaches the same centre", "S0, P"),
    Rule("N4", "SMS to 110, 112 and 113 reach the same centres", "NS"),
    Rule("N5", "a number must be registered before use", "S0"),
    Rule("N6", "registering confirms the terms: deaf, hard of hearing or speech impaired", "S0"),
    Rule("N7", "one person may have several numbers registered", "S0"),
    Rule("N8", "each registration takes exactly one number", "S0"),
    Rule("N9", "only Norwegian mobile numbers and SIMs register and use the service", "S0"),
    Rule("N10", "00 is accepted before the country code; + is normalised or refused with guidance", "S0, P"),
    Rule("N11", "with a new number the old one leaves the database and the new one enters", "S0"),
    Rule("N12", "after the change the old number is unregistered", "S0"),
    Rule("N13", "one field: a known number is offered update or delete, another one registration", "S0"),
    Rule("N14", "after deletion the number must be registered again", "S0"),
    Rule("N15", "the sender gets a confirmation that the message was received", "S0"),
    Rule("N16", "the confirmation comes only when the centre has really taken the message", "P"),
    Rule("N17", "a message from an unregistered number reaches no centre", "S0"),
    Rule("N18", "its sender gets one SMS: not registered, contact the centre in another way", "S0"),
    Rule("N19", "the centre gets the location with its accuracy", "S0"),
    Rule("N20", "failure to locate never stops or delays the message", "P"),
    Rule("N21", "without coverage the message is late or lost, and not confirmed meanwhile", "S0"),
    Rule("N22", "operators cannot always guarantee full SMS function", "S0"),
    Rule("N23", "a valid SIM is needed; the barring of outgoing SMS is ignored", "S0, P"),
    Rule("N24", "the service is restricted while the number of users must be limited", "S0"),
    Rule("N25", "the centre may ask by SMS; the answer goes to the same centre and dialogue", "NS"),
    Rule("N26", "misuse excludes a number for 48 hours, on repetition for good", "NS"),
    Rule("N27", "emojis are unwanted, and delivered all the same", "NS, P"),
    Rule("N28", "with twin SIMs replies may arrive on another device", "NS"),
    Rule("N29", "registered are name, number, address, postcode, e-mail and country", "NS"),
    Rule("N30", "registration is complete when confirmed by SMS", "WEB"),
    Rule("N31", "all emergency SMS were handled in Bodø at launch", "WEB"),
    Rule("N32", "no rule that bars SMS to the 59 range may bar 59 555 11x", "S0, S3"),
    Rule("N33", "highest priority, free, past throttling, barring and duplicate filters", "P"),
    Rule("N34", "the answer to the unregistered is limited to one a minute for each sender", "P"),
    Rule("N35", "kept until the centre takes it; the sender is told after two minutes", "P"),
    Rule("N36", "a long message gets one answer, not one for each part", "P"),
    Rule("N37", "a site that is down for maintenance stops no registered user", "S0, P"),
    Rule("E1", "the range is 116000-116999, six digits", "S2, S3"),
    Rule("E2", "there is a list of assigned numbers, each with one holder and service", "S2, S3"),
    Rule("E3", "the holder operates in Norway", "S2"),
    Rule("E4", "the service informs, helps or takes reports", "S2, S3"),
    Rule("E5", "open to all users without registration", "S2, S3"),
    Rule("E6", "not limited to campaigns", "S2, S3"),
    Rule("E7", "no payment as a condition for use", "S2, S3"),
    Rule("E8", "no advertising, entertainment, marketing or sale", "S2, S3"),
    Rule("E9", "what is known of users serves no later sale", "S2, S3"),
    Rule("E10", "free to the sender, the receiver pays", "S2"),
    Rule("E11", "Nkom may exempt a number from being free", "S2"),
    Rule("E12", "the right lapses after 6 months unused from the start, a year later", "S2, S3"),
    Rule("E13", "SMS is no requirement: a holder without it is answered for or refused", "S2, S3, P"),
    Rule("E14", "an unassigned number is not routed", "P"),
    Rule("E15", "no registration, charge, advertising or use of sender numbers by the SMSC", "S2, S3"),
    Rule("E16", "complaints go to the ministry", "S2"),
    Rule("K1", "a mobile number, an e-mail address or both; a digital mailbox needs one", "S1"),
    Rule("K2", "people edit their data in one place", "S1"),
    Rule("K3", "a letter in the digital mailbox is announced by SMS or e-mail", "S1"),
    Rule("K4", "service messages may use the same data", "S1"),
    Rule("K5", "the register holds the mailbox chosen and the reservation", "S1"),
    Rule("K6", "only municipal and central government agencies use it", "S1"),
    Rule("K7", "suppliers may act for such an agency", "DIGDIR"),
    Rule("K8", "who has no profile is not in the register", "S1"),
    Rule("K9", "reserved people get no decisions digitally, but service messages", "DIGDIR, FAQ"),
    Rule("K10", "the sender looks people up at every dispatch", "FAQ"),
    Rule("K11", "formal notification needs data updated or verified within 18 months", "DIGDIR"),
    Rule("K12", "each channel has its own 18 months", "DIGDIR"),
    Rule("K13", "stale data may serve for service messages", "DIGDIR"),
    Rule("K14", "stale, reserved, deleted or unregistered people cannot be notified", "DIGDIR"),
    Rule("K15", "reservation is made at norge.no or by telephone", "FAQ"),
    Rule("K16", "a deleted person has no contact data", "DIGDIR"),
    Rule("K17", "a mobile number may be foreign, and is normalised", "P"),
    Rule("K18", "a number that several people share is marked", "DIGDIR"),
    Rule("K19", "an SMS that fails changes nothing in the register", "P"),
)

#: Rules about people, offices and history: stated for the reader, with nothing that a test could check.
INFORMATION: Final = {
    "N22": "a warning to users; how networks fail is simulated by coverage and faults",
    "N24": "the authority's reason for the restriction, which N5 and N6 carry out",
    "N31": "where people sit, and history",
    "E6": "how a holder runs the service over time",
    "E16": "an office's procedure",
    "K15": "where a person makes the reservation; that it holds is K5 and K9",
}
