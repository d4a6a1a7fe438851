"""What the services say to people: every text fits one SMS in the GSM default alphabet."""

from __future__ import annotations

from typing import Final

GSM_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION: Final = frozenset("\f^{}\\[~]|€")


def septets(text: str) -> int | None:
    """Length in GSM 03.38 septets; None when a character needs UCS2 (23.038 §6.2.1)."""
    total = 0
    for character in text:
        if character in GSM_BASIC:
            total += 1
        elif character in GSM_EXTENSION:
            total += 2
        else:
            return None
    return total


def alphabet(text: str) -> str:
    """``gsm`` or ``ucs2``."""
    return "ucs2" if septets(text) is None else "gsm"


#: Emergency SMS. ``{centre}`` is a name from CENTRES, ``{code}`` a code, ``{until}`` a local time.
NOD_SMS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "not_registered": "Your mobile number is not registered for Nød-SMS. Your message was NOT passed on. "
        "Contact the emergency centre in another way.",
        "excluded": "Your number is excluded from Nød-SMS until {until}. Your message was NOT passed on. "
        "Contact the emergency centre in another way.",
        "foreign_sim": "Nød-SMS takes Norwegian SIM cards only. Your message was NOT passed on. "
        "Contact the emergency centre in another way.",
        "queue_full": "Nød-SMS: too many messages wait for {centre}. Yours was NOT passed on. "
        "Contact the centre in another way.",
        "unattended": "Nød-SMS: your message does NOT reach {centre}, where nobody takes SMS now. "
        "Contact the centre in another way.",
        "received": "Nød-SMS: {centre} has received your message.",
        "not_yet": "Nød-SMS: {centre} has NOT yet received your message. We keep trying. "
        "Contact the centre in another way if you can.",
        "incomplete": "Nød-SMS: {centre} has NOT yet received all of your message. Send it again, "
        "or contact the centre in another way.",
        "failed": "Nød-SMS: your message could not be passed on to {centre}. "
        "Contact the centre in another way.",
        "code": "Nød-SMS: your code is {code}. It is valid for {minutes} minutes.",
        "register": "Nød-SMS: your mobile number is now registered.",
        "update": "Nød-SMS: your registration has been updated.",
        "delete": "Nød-SMS: your registration has been deleted.",
        "further_notice": "further notice",
    },
    "nb": {
        "not_registered": "Mobilnummeret ditt er ikke registrert for Nød-SMS. "
        "Meldingen din ble IKKE sendt videre. Kontakt nødsentralen på en annen måte.",
        "excluded": "Nummeret ditt er utestengt fra Nød-SMS til {until}. "
        "Meldingen din ble IKKE sendt videre. Kontakt nødsentralen på en annen måte.",
        "foreign_sim": "Nød-SMS kan bare brukes med norske SIM-kort. Meldingen din ble IKKE sendt videre. "
        "Kontakt nødsentralen på en annen måte.",
        "queue_full": "Nød-SMS: for mange meldinger venter på {centre}. Din ble IKKE sendt videre. "
        "Kontakt sentralen på en annen måte.",
        "unattended": "Nød-SMS: meldingen din når IKKE fram til {centre}, der ingen tar imot SMS nå. "
        "Kontakt sentralen på en annen måte.",
        "received": "Nød-SMS: {centre} har mottatt meldingen din.",
        "not_yet": "Nød-SMS: {centre} har IKKE mottatt meldingen din ennå. Vi fortsetter å prøve. "
        "Kontakt sentralen på en annen måte om du kan.",
        "incomplete": "Nød-SMS: {centre} har IKKE mottatt hele meldingen din ennå. Send den på nytt, "
        "eller kontakt sentralen på en annen måte.",
        "failed": "Nød-SMS: meldingen din kunne ikke sendes videre til {centre}. "
        "Kontakt sentralen på en annen måte.",
        "code": "Nød-SMS: koden din er {code}. Den er gyldig i {minutes} minutter.",
        "register": "Nød-SMS: mobilnummeret ditt er nå registrert.",
        "update": "Nød-SMS: registreringen din er oppdatert.",
        "delete": "Nød-SMS: registreringen din er slettet.",
        "further_notice": "videre",
    },
    "nn": {
        "not_registered": "Mobilnummeret ditt er ikkje registrert for Nød-SMS. "
        "Meldinga di vart IKKJE send vidare. Kontakt naudsentralen på ein annan måte.",
        "excluded": "Nummeret ditt er utestengt frå Nød-SMS til {until}. Meldinga di vart IKKJE send vidare. "
        "Kontakt naudsentralen på ein annan måte.",
        "foreign_sim": "Nød-SMS kan berre brukast med norske SIM-kort. Meldinga di vart IKKJE send vidare. "
        "Kontakt naudsentralen på ein annan måte.",
        "queue_full": "Nød-SMS: for mange meldingar ventar på {centre}. Di vart IKKJE send vidare. "
        "Kontakt sentralen på ein annan måte.",
        "unattended": "Nød-SMS: meldinga di når IKKJE fram til {centre}, der ingen tek imot SMS no. "
        "Kontakt sentralen på ein annan måte.",
        "received": "Nød-SMS: {centre} har motteke meldinga di.",
        "not_yet": "Nød-SMS: {centre} har IKKJE motteke meldinga di enno. Vi held fram med å prøve. "
        "Kontakt sentralen på ein annan måte om du kan.",
        "incomplete": "Nød-SMS: {centre} har IKKJE motteke heile meldinga di enno. Send henne på nytt, "
        "eller kontakt sentralen på ein annan måte.",
        "failed": "Nød-SMS: meldinga di kunne ikkje sendast vidare til {centre}. "
        "Kontakt sentralen på ein annan måte.",
        "code": "Nød-SMS: koden din er {code}. Han er gyldig i {minutes} minutt.",
        "register": "Nød-SMS: mobilnummeret ditt er no registrert.",
        "update": "Nød-SMS: registreringa di er oppdatert.",
        "delete": "Nød-SMS: registreringa di er sletta.",
        "further_notice": "vidare",
    },
}

CENTRES: Final[dict[str, dict[str, str]]] = {
    "en": {
        "fire": "the fire service",
        "police": "the police operations centre",
        "medical": "the medical emergency centre",
    },
    "nb": {"fire": "brannvesenet", "police": "politiet", "medical": "medisinsk nødsentral"},
    "nn": {"fire": "brannvesenet", "police": "politiet", "medical": "medisinsk naudsentral"},
}

#: Helplines. ``{number}`` is the helpline's number as people write it.
HELPLINE: Final[dict[str, str]] = {
    "en": "{number} does not take SMS. Please call {number}.",
    "nb": "{number} tar ikke imot SMS. Ring {number}.",
    "nn": "{number} tek ikkje imot SMS. Ring {number}.",
}

#: Content services. ``{code}`` is the short code, ``{word}`` a keyword, ``{price}`` kroner, ``{names}``
# providers.
CONTENT: Final[dict[str, dict[str, str]]] = {
    "en": {
        "opt_in": "{word} on {code} is a subscription and costs NOK {price} per message. "
        "Answer JA to {code} to confirm. Send STOPP to {code} to end it.",
        "subscribed": "You now subscribe to {word} on {code}, NOK {price} per message. "
        "Send STOPP to {code} to end it.",
        "stopped": "It is ended: messages from {code} no longer cost you anything.",
        "no_keyword": "No service on {code} answers to that; it costs nothing. "
        "Send HJELP to {code} to hear what there is.",
        "help": "{code} belongs to {names}. A message costs NOK {price}. "
        "Send STOPP to {code} to end what you ordered. This answer is free.",
        "nothing_to_stop": "You have nothing on {code} to end.",
    },
    "nb": {
        "opt_in": "{word} på {code} er et abonnement og koster {price} kr per melding. "
        "Svar JA til {code} for å bekrefte. Send STOPP til {code} for å avslutte.",
        "subscribed": "Du abonnerer nå på {word} fra {code}, {price} kr per melding. "
        "Send STOPP til {code} for å avslutte.",
        "stopped": "Avsluttet: meldinger fra {code} koster deg ikke lenger noe.",
        "no_keyword": "Ingen tjeneste på {code} svarer på det, og det koster ingenting. "
        "Send HJELP til {code} for å høre hva som finnes.",
        "help": "{code} tilhører {names}. En melding koster {price} kr. "
        "Send STOPP til {code} for å avslutte det du har bestilt. Svaret er gratis.",
        "nothing_to_stop": "Du har ingenting på {code} å avslutte.",
    },
    "nn": {
        "opt_in": "{word} på {code} er eit abonnement og kostar {price} kr per melding. "
        "Svar JA til {code} for å stadfeste. Send STOPP til {code} for å avslutte.",
        "subscribed": "Du abonnerer no på {word} frå {code}, {price} kr per melding. "
        "Send STOPP til {code} for å avslutte.",
        "stopped": "Avslutta: meldingar frå {code} kostar deg ikkje lenger noko.",
        "no_keyword": "Inga teneste på {code} svarar på det, og det kostar ingenting. "
        "Send HJELP til {code} for å høyre kva som finst.",
        "help": "{code} høyrer til {names}. Ei melding kostar {price} kr. "
        "Send STOPP til {code} for å avslutte det du har tinga. Svaret er gratis.",
        "nothing_to_stop": "Du har ingenting på {code} å avslutte.",
    },
}

#: A letter in a digital mailbox. ``{agency}`` is the sender; Northern Sami needs UCS2.
LETTER: Final[dict[str, str]] = {
    "nb": "Du har fått et brev fra {agency} i den digitale postkassen din.",
    "nn": "Du har fått eit brev frå {agency} i den digitale postkassa di.",
    "en": "You have a letter from {agency} in your digital mailbox.",
    "se": "Dutnje lea boahtán reive {agency}:s du digitála poastakássii.",
}
