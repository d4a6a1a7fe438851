// The desk in bokmål, nynorsk and English.
export const TEXTS = {
  nb: {
    centres: { 110: "Brannvesenets alarmsentral", 112: "Politiets operasjonssentral", 113: "Akuttmedisinsk kommunikasjonssentral" }, test: "test", skip: "Til dialogen", language: "Språk",
    login: "Logg inn på pulten", password: "Passord for sentralen", passwordHint: "Det samme som sentralens ESME binder med.", enter: "Logg inn", wrong: "Feil passord, eller sentralen finnes ikke her.", imitation: "Etterligning for test. Ingen ekte nødmeldinger kommer hit.",
    desk: (number, system) => `pult ${number} · tar for ${system}`, connected: "tilkoblet", gone: "ikke tilkoblet", logout: "Logg ut", dialogues: "Dialoger", open: "Åpne", closed: "Lukkede", fresh: "ny", notTaken: "ikke tatt ennå", takenBy: (n) => `tatt av pult ${n}`, yours: "din", waits: "svar ventes fra deg", delivered: "svar levert", pending: "svaret venter", none: "Ingen dialoger. En SMS fra et registrert nummer åpner en.",
    position: "Posisjon", northEast: "nord, øst", accuracy: "nøyaktighet", age: "alder", source: "kilde", copy: "Kopier", noPosition: "Ingen posisjon fulgte med.", within: (m) => `innenfor ${m} m`, take: "Ta dialogen", release: "Slipp den", close: "Lukk", reopen: "Åpne igjen", answer: "Svar", send: "Send svar", count: (n, parts) => `${n} tegn, ${parts} SMS`, pick: "Velg en dialog.", received: "bekreftet til avsender", has: (n) => `pult ${n} har dialogen`,
    quick: ["Hjelp er på vei.", "Er du i sikkerhet?", "Hvor mange er dere?", "Hold deg skjult, vær stille."], notSent: "Svaret ble ikke sendt.",
  },
  nn: {
    centres: { 110: "Alarmsentralen til brannvesenet", 112: "Operasjonssentralen til politiet", 113: "Akuttmedisinsk kommunikasjonssentral" }, test: "test", skip: "Til dialogen", language: "Språk",
    login: "Logg inn på pulten", password: "Passord for sentralen", passwordHint: "Det same som ESME-en til sentralen bind med.", enter: "Logg inn", wrong: "Feil passord, eller sentralen finst ikkje her.", imitation: "Etterlikning for test. Ingen ekte naudmeldingar kjem hit.",
    desk: (number, system) => `pult ${number} · tek for ${system}`, connected: "tilkopla", gone: "ikkje tilkopla", logout: "Logg ut", dialogues: "Dialogar", open: "Opne", closed: "Lukka", fresh: "ny", notTaken: "ikkje teken enno", takenBy: (n) => `teken av pult ${n}`, yours: "din", waits: "svar er venta frå deg", delivered: "svar levert", pending: "svaret ventar", none: "Ingen dialogar. Ein SMS frå eit registrert nummer opnar ein.",
    position: "Posisjon", northEast: "nord, aust", accuracy: "nøyaktigheit", age: "alder", source: "kjelde", copy: "Kopier", noPosition: "Ingen posisjon følgde med.", within: (m) => `innanfor ${m} m`, take: "Ta dialogen", release: "Slepp han", close: "Lukk", reopen: "Opne igjen", answer: "Svar", send: "Send svar", count: (n, parts) => `${n} teikn, ${parts} SMS`, pick: "Vel ein dialog.", received: "stadfesta til avsendar", has: (n) => `pult ${n} har dialogen`,
    quick: ["Hjelp er på veg.", "Er du i tryggleik?", "Kor mange er de?", "Hald deg gøymd, ver stille."], notSent: "Svaret vart ikkje sendt.",
  },
  en: {
    centres: { 110: "Fire emergency centre", 112: "Police operations centre", 113: "Medical emergency centre" }, test: "test", skip: "To the dialogue", language: "Language",
    login: "Log in to the desk", password: "Password of the centre", passwordHint: "The one that the centre's ESME binds with.", enter: "Log in", wrong: "Wrong password, or there is no such centre here.", imitation: "An imitation for tests. No real emergency message comes here.",
    desk: (number, system) => `desk ${number} · answers for ${system}`, connected: "connected", gone: "not connected", logout: "Log out", dialogues: "Dialogues", open: "Open", closed: "Closed", fresh: "new", notTaken: "not taken yet", takenBy: (n) => `taken by desk ${n}`, yours: "yours", waits: "waits for your answer", delivered: "answer delivered", pending: "the answer waits", none: "No dialogue. An SMS from a registered number opens one.",
    position: "Position", northEast: "north, east", accuracy: "accuracy", age: "age", source: "source", copy: "Copy", noPosition: "No position came along.", within: (m) => `within ${m} m`, take: "Take the dialogue", release: "Let it go", close: "Close", reopen: "Open again", answer: "Answer", send: "Send the answer", count: (n, parts) => `${n} characters, ${parts} SMS`, pick: "Choose a dialogue.", received: "confirmed to the sender", has: (n) => `desk ${n} has the dialogue`,
    quick: ["Help is on its way.", "Are you safe?", "How many are you?", "Stay hidden, be quiet."], notSent: "The answer was not sent.",
  },
};
