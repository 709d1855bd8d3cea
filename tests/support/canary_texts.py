"""Texts of invented people in six languages, with what must not be left of each.

Kinds say how a text gives somebody away; "stranger" is a name without any cue beside it, of a
person that the portal does not know.
"""

from __future__ import annotations

from dataclasses import dataclass

KINDS = (
    "own name",
    "inflected",
    "initials",
    "known person",
    "greeting",
    "signature",
    "introduction",
    "cued stranger",
    "stranger",
    "obfuscated email",
    "handle",
    "phone and address",
    "postal code and city",
    "identifier",
)


@dataclass(frozen=True, slots=True)
class Canary:
    """One text. `own`: the lead's name; `known`: others whom the portal knows; `secrets` are to be
    gone, `kept` is what a reader of the text still needs."""

    language: str
    kind: str
    text: str
    own: str
    known: tuple[str, ...]
    secrets: tuple[str, ...]
    kept: str


_PEOPLE = {
    "en": (("Zephyrine", "Quillfeather"), ("Thaddeus", "Brackenbury"), ("Isolde", "Marchbanks")),
    "de": (("Friedhelm", "Knopfloch"), ("Walburga", "Steinhäger"), ("Ottokar", "Butterweck")),
    "fr": (("Apolline", "Vaucresson"), ("Théophile", "Malartic"), ("Solange", "Bouquerel")),
    "es": (("Leocadia", "Barrientes"), ("Eulogio", "Montesclaros"), ("Fuencisla", "Azcoitia")),
    "it": (("Ermenegilda", "Passalacqua"), ("Gualtiero", "Bentivenga"), ("Fiammetta", "Tornabene")),
    "pl": (("Bogumiła", "Wierzchoń"), ("Zbigniew", "Trzmiel"), ("Kunegunda", "Ostroróg")),
}
_STRANGERS = {  # a rare first name, then two that many people have
    "en": (("Ambrose", "Whitlock"), ("Sarah", "Miller"), ("James", "Cooper")),
    "de": (("Hildegund", "Ratzenberger"), ("Thomas", "Weber"), ("Sabine", "Krause")),
    "fr": (("Gontran", "Delépine"), ("Julien", "Moreau"), ("Nathalie", "Girard")),
    "es": (("Abundio", "Carrascal"), ("Carlos", "Romero"), ("Lucía", "Navarro")),
    "it": (("Ludovica", "Sparviero"), ("Marco", "Ferrari"), ("Giulia", "Conti")),
    "pl": (("Wiesława", "Kurpiel"), ("Piotr", "Zieliński"), ("Katarzyna", "Wójcik")),
}
# language → kind → templates; {f} {l}: the lead, {cf} {cl}: a colleague, {sf} {sl}: a stranger.
_TEMPLATES = {
    "en": {
        "own name": [
            "{f} {l} here. We need a quote for 40 seats.",
            "I am {f}, {l} is my surname. What is the price?",
        ],
        "inflected": ["This is {l}'s team. We want a demo next month."],
        "initials": ["Please send the offer to {fi}.{li}. We need a trial."],
        "known person": [
            "{cf} {cl} told me to ask for a quote.",
            "The budget is decided by {cl} and me.",
        ],
        "greeting": [
            "Hi {sf},\nwe want to buy 20 licences.",
            "Dear Mr {sl}, could you send us the price list?",
        ],
        "signature": [
            "We need a quote.\n\nBest regards,\n{sf} {sl}\nHead of Purchasing",
            "Send us a quote. Kind regards, {sf} {sl}",
        ],
        "introduction": ["My name is {sf} {sl} and we need a quote."],
        "cued stranger": [
            "Please ask for {sf} {sl}, we need a quote.",
            "Our CEO {sf} {sl} wants a demo.",
        ],
        "stranger": [
            "Yesterday {sf} {sl} saw your demo and liked it.",
            "Maybe {sf} can decide about the budget.",
        ],
        "obfuscated email": [
            "Send the quote to {fl} at {ll} dot com please.",
            "Quote to {fl} [at] {ll} [dot] com.",
        ],
        "handle": ["We need a quote, ping @{fl}_{ll} on Slack."],
        "phone and address": ["Call +44 20 7946 0958, 221 Baker Hill Street, we need a quote."],
        "postal code and city": [
            "Ship the trial to SW1A 1AA London.",
            "We need a quote, we sit in Austin, TX 78701.",
        ],
        "identifier": [
            "Passport no. C01X00T47, I need a quote.",
            "My plate is AB12 CDE, I need a quote.",
        ],
    },
    "de": {
        "own name": [
            "Hier {f} {l}, wir brauchen ein Angebot.",
            "Mein Name: {f} {l}. Was sind die Kosten?",
        ],
        "inflected": ["{l}s Abteilung braucht ein Angebot."],
        "initials": ["Bitte das Angebot an {fi}. {li}. schicken."],
        "known person": [
            "{cf} {cl} bat mich um ein Angebot.",
            "Das Budget verwalten {cl} und ich, wir brauchen ein Angebot.",
        ],
        "greeting": [
            "Sehr geehrte Frau {sl},\nwir brauchen ein Angebot.",
            "Hallo {sf}, wir wollen testen.",
        ],
        "signature": [
            "Wir brauchen ein Angebot.\n\nMit freundlichen Grüßen\n{sf} {sl}\nEinkauf",
            "Bitte ein Angebot. Viele Grüße, {sf} {sl}",
        ],
        "introduction": ["Mein Name ist {sf} {sl}, wir brauchen ein Angebot."],
        "cued stranger": [
            "Fragen Sie nach Herrn {sl}, wir brauchen ein Angebot.",
            "Unsere Geschäftsführerin {sf} {sl} möchte ein Angebot.",
        ],
        "stranger": [
            "Gestern hat {sf} {sl} Ihr Angebot gelesen.",
            "Vielleicht entscheidet {sf} über das Angebot.",
        ],
        "obfuscated email": [
            "Angebot bitte an {fl} (at) {ll} (dot) de.",
            "Angebot an {fl} at {ll} punkt de.",
        ],
        "handle": ["Wir brauchen ein Angebot, schreiben Sie @{fl}{ll}."],
        "phone and address": ["Tel. 030 5550199, Hauptstraße 12, wir brauchen ein Angebot."],
        "postal code and city": [
            "Lieferung nach 10115 Berlin, bitte Angebot.",
            "Angebot bitte nach Hauptstr. 5, 1010 Wien.",
        ],
        "identifier": [
            "Reisepass Nr. C01X00T47, ich brauche ein Angebot.",
            "Kennzeichen B-MW 1234, ich brauche ein Angebot.",
        ],
    },
    "fr": {
        "own name": ["Ici {f} {l}, il nous faut un devis.", "{f} {l} voudrait connaître le prix."],
        "inflected": ["L'équipe {l} a besoin d'un devis."],
        "initials": ["Envoyez le devis à {fi}. {li}. svp."],
        "known person": [
            "{cf} {cl} m'a dit de demander un devis.",
            "Le budget est géré par {cl}, il nous faut un devis.",
        ],
        "greeting": [
            "Bonjour {sf},\nnous voulons un devis.",
            "Chère Madame {sl}, pouvez-vous envoyer un devis ?",
        ],
        "signature": [
            "Il nous faut un devis.\n\nCordialement,\n{sf} {sl}\nAchats",
            "Merci d'envoyer un devis. Cordialement, {sf} {sl}",
        ],
        "introduction": ["Je m'appelle {sf} {sl} et il nous faut un devis."],
        "cued stranger": [
            "Demandez {sf} {sl} pour le devis.",
            "Notre directrice {sf} {sl} veut un devis.",
        ],
        "stranger": ["Hier {sf} {sl} a vu votre devis.", "Peut-être que {sf} décidera du devis."],
        "obfuscated email": [
            "Devis à {fl} (at) {ll} (dot) fr.",
            "Devis à {fl} arroba {ll} point fr.",
        ],
        "handle": ["Il nous faut un devis, écrivez à @{fl}.{ll}"],
        "phone and address": ["Tél. 01 99 00 12 34, 12 rue de Rivoli, il nous faut un devis."],
        "postal code and city": ["Livraison à 75008 Paris, devis svp.", "Devis pour 69002 Lyon."],
        "identifier": [
            "Passeport no 12AB34567, il me faut un devis.",
            "Immatriculation AB-123-CD, il me faut un devis.",
        ],
    },
    "es": {
        "own name": ["Soy {f} {l}, queremos una prueba.", "{f} {l} quiere saber el precio."],
        "inflected": ["El equipo {l} necesita el precio."],
        "initials": ["Envíe el precio a {fi}. {li}. por favor."],
        "known person": [
            "{cf} {cl} me dijo que pidiera el precio.",
            "El presupuesto lo decide {cl}, queremos una prueba.",
        ],
        "greeting": ["Hola {sf},\nqueremos una prueba.", "Estimada Sra. {sl}, envíenos el precio."],
        "signature": [
            "Queremos una prueba.\n\nSaludos,\n{sf} {sl}\nCompras",
            "Queremos el precio. Un saludo, {sf} {sl}",
        ],
        "introduction": ["Me llamo {sf} {sl} y queremos una prueba."],
        "cued stranger": [
            "Pregunte por {sf} {sl}, queremos una prueba.",
            "Nuestra directora {sf} {sl} quiere el precio.",
        ],
        "stranger": ["Ayer {sf} {sl} vio la prueba.", "Quizás {sf} decida sobre el precio."],
        "obfuscated email": [
            "El precio a {fl} (at) {ll} (dot) es.",
            "El precio a {fl} arroba {ll} punto es.",
        ],
        "handle": ["Queremos una prueba, escriba a @{fl}_{ll}."],
        "phone and address": ["Tel. 912 345 678, Calle Mayor 3, queremos el precio."],
        "postal code and city": [
            "Envío a 28013 Madrid, queremos el precio.",
            "El precio para 08002 Barcelona.",
        ],
        "identifier": ["DNI 12345678Z, quiero el precio.", "Matrícula 1234 BCD, quiero el precio."],
    },
    "it": {
        "own name": ["Sono {f} {l}, vorremmo un preventivo.", "{f} {l} vuole un preventivo."],
        "inflected": ["Il team {l} vorrebbe un preventivo."],
        "initials": ["Mandi il preventivo a {fi}. {li}. per favore."],
        "known person": [
            "{cf} {cl} mi ha detto di chiedere un preventivo.",
            "Il budget lo decide {cl}, vorremmo un preventivo.",
        ],
        "greeting": [
            "Ciao {sf},\nvorremmo un preventivo.",
            "Gentile Signora {sl}, ci mandi un preventivo.",
        ],
        "signature": [
            "Vorremmo un preventivo.\n\nCordiali saluti,\n{sf} {sl}\nAcquisti",
            "Vorremmo un preventivo. Saluti, {sf} {sl}",
        ],
        "introduction": ["Mi chiamo {sf} {sl} e vorremmo un preventivo."],
        "cued stranger": [
            "Chieda di {sf} {sl} per il preventivo.",
            "La titolare {sf} {sl} vuole un preventivo.",
        ],
        "stranger": ["Ieri {sf} {sl} ha visto il preventivo.", "Forse {sf} decide sul preventivo."],
        "obfuscated email": [
            "Preventivo a {fl} (at) {ll} (dot) it.",
            "Preventivo a {fl} chiocciola {ll} punto it.",
        ],
        "handle": ["Vorremmo un preventivo, scriva a @{fl}{ll}."],
        "phone and address": ["Tel. 06 5550 1992, Via Roma 5, vorremmo un preventivo."],
        "postal code and city": [
            "Consegna a 00184 Roma, vorremmo un preventivo.",
            "Preventivo per 20121 Milano.",
        ],
        "identifier": [
            "Passaporto YA1234567, vorrei un preventivo.",
            "Targa AB 123 CD, vorrei un preventivo.",
        ],
    },
    "pl": {
        "own name": ["Nazywam się {f} {l}, proszę o wycenę.", "{f} {l} prosi o wycenę."],
        "inflected": ["Zespół {l}a prosi o wycenę."],
        "initials": ["Wycenę proszę wysłać do {fi}. {li}."],
        "known person": [
            "{cf} {cl} radzi, by prosić o wycenę.",
            "O budżecie decyduje {cl}, prosimy o wycenę.",
        ],
        "greeting": [
            "Dzień dobry {sf},\nprosimy o wycenę.",
            "Szanowna Pani {sl}, prosimy o wycenę.",
        ],
        "signature": [
            "Prosimy o wycenę.\n\nPozdrawiam,\n{sf} {sl}\nZakupy",
            "Prosimy o wycenę. Pozdrawiam, {sf} {sl}",
        ],
        "introduction": ["Mam na imię {sf}, prosimy o wycenę."],
        "cued stranger": [
            "Proszę pytać o Panią {sl}, chodzi o wycenę.",
            "Nasz dyrektor {sf} {sl} prosi o wycenę.",
        ],
        "stranger": [
            "Wczoraj {sf} {sl} widziała wycenę.",
            "Może {sf} zdecyduje, czekamy na wycenę.",
        ],
        "obfuscated email": [
            "Wycenę na {fl} (at) {ll} (dot) pl.",
            "Wycenę na {fl} [at] {ll} [dot] pl.",
        ],
        "handle": ["Prosimy o wycenę, proszę pisać do @{fl}_{ll}."],
        "phone and address": ["Tel. 22 555 01 99, ul. Długa 10, prosimy o wycenę."],
        "postal code and city": [
            "Dostawa 00-950 Warszawa, prosimy o wycenę.",
            "Wycena dla 31-042 Kraków.",
        ],
        "identifier": [
            "Paszport ZS0000177, proszę o wycenę.",
            "Rejestracja WA-AB 1234, proszę o wycenę.",
        ],
    },
}
_FIXED = {  # what of a kind is no name: it is to be gone as well
    "phone and address": (
        "7946",
        "Baker Hill",
        "5550199",
        "Hauptstra",
        "99 00 12",
        "Rivoli",
        "345 678",
        "Mayor 3",
        "5550 1992",
        "Roma 5",
        "555 01",
        "Długa",
    ),
    "postal code and city": (
        "SW1A",
        "78701",
        "Austin",
        "10115",
        "Berlin",
        "1010 Wien",
        "75008",
        "Paris",
        "69002",
        "Lyon",
        "28013",
        "Madrid",
        "08002",
        "Barcelona",
        "00184",
        "20121",
        "Milano",
        "00-950",
        "Warszawa",
        "31-042",
        "Kraków",
    ),
    "identifier": (
        "C01X00T47",
        "AB12 CDE",
        "B-MW 1234",
        "12AB34567",
        "AB-123-CD",
        "12345678Z",
        "1234 BCD",
        "YA1234567",
        "AB 123 CD",
        "ZS0000177",
        "AB 1234",
    ),
}
_NEEDED = {
    "en": ("uote", "price", "trial", "demo", "licences", "budget"),
    "de": ("ngebot", "testen", "Kosten"),
    "fr": ("evis", "prix"),
    "es": ("precio", "prueba", "presupuesto"),
    "it": ("reventivo",),
    "pl": ("ycen",),
}
HARMLESS = {
    "en": (
        "We run a fleet of 120 trucks and look for route planning. Could you send us a quote?",
        "Acme Logistics moves goods across Europe and the United States since 1987.",
        "We use HubSpot, Salesforce and Python. Is there an API? Our budget is 20,000 EUR.",
        "Can I get a demo next Tuesday? We are a team of 15 people in Marketing and Sales.",
        "Contact sales if you need a trial. Our Head Office is closed on Monday.",
        "I am interested in a pilot. This is urgent, we decide in December 2026.",
        "Please call us back. Thanks for the webinar on Data Quality.",
    ),
    "de": (
        "Wir sind ein Maschinenbauer mit 250 Mitarbeitern und brauchen dringend ein Angebot.",
        "Unsere Software verwaltet Lager, Einkauf und Vertrieb. Was kosten 50 Lizenzen?",
        "Bitte rufen Sie uns an. Wir möchten im nächsten Monat testen.",
        "Ich bin Leiter Einkauf und suche eine Lösung für Angebote und Verträge.",
        "Danke für das Webinar. Haben Sie eine Schnittstelle zu SAP und Salesforce?",
        "Das Budget von 15000 Euro ist freigegeben, Start im Januar 2027.",
    ),
    "fr": (
        "Nous cherchons un logiciel pour notre équipe de 30 personnes. Un devis svp ?",
        "Merci pour la démo. Nous voulons un essai avant la fin du trimestre.",
        "Notre budget est de 12000 euros pour les Ventes et le Marketing.",
        "Je suis intéressé par une démo la semaine prochaine.",
        "Bonjour, combien coûte la version Entreprise ?",
    ),
    "es": (
        "Queremos una prueba para nuestro equipo de 40 personas en Ventas.",
        "Hola, ¿cuánto cuesta la versión Enterprise? Necesitamos el precio esta semana.",
        "Somos una empresa de Logística con oficinas en España y México.",
        "El presupuesto de 9000 euros está aprobado para enero.",
        "Gracias por el seminario. Queremos comprar 20 licencias.",
    ),
    "it": (
        "Vorremmo un preventivo per 25 utenti entro la fine del mese.",
        "Buongiorno, quanto costa la versione Enterprise?",
        "Siamo un'azienda di Trasporti con sedi in Italia e Germania.",
        "Grazie per la demo. Il budget è approvato.",
        "Usiamo Salesforce e SAP, esiste una API?",
    ),
    "pl": (
        "Szukamy programu dla zespołu 30 osób, prosimy o wycenę.",
        "Dzień dobry, ile kosztuje wersja Enterprise?",
        "Jesteśmy firmą z branży Logistyka, działamy w całej Europie.",
        "Dziękuję za prezentację. Budżet jest zatwierdzony na styczeń.",
        "Czy jest integracja z Salesforce i SAP?",
    ),
}


def canaries() -> list[Canary]:
    """Over 300 texts: every template with each of three invented people of its language."""
    found = []
    for language, kinds in _TEMPLATES.items():
        people = _PEOPLE[language]
        for number, (first, last) in enumerate(people):
            mate = people[(number + 1) % len(people)]
            for kind, templates in kinds.items():
                for template in templates:
                    stranger = _STRANGERS[language][number]
                    found.append(_canary(language, kind, template, (first, last), mate, stranger))
    return found


def _canary(
    language: str,
    kind: str,
    template: str,
    own: tuple[str, str],
    mate: tuple[str, str],
    stranger: tuple[str, str],
) -> Canary:
    values = {
        "f": own[0],
        "l": own[1],
        "fl": own[0].casefold(),
        "ll": own[1].casefold(),
        "fi": own[0][0],
        "li": own[1][0],
        "cf": mate[0],
        "cl": mate[1],
        "sf": stranger[0],
        "sl": stranger[1],
    }
    text = template.format(**values)
    secrets = [v for v in (*own, *mate, *stranger, values["fl"], values["ll"]) if v in text]
    secrets += [one for one in _FIXED.get(kind, ()) if one in text]
    if kind == "initials":
        secrets.append(
            text[text.index(own[0][0] + ".") :][: len(f"{own[0][0]}. {own[1][0]}.")].strip()
        )
    kept = next((word for word in _NEEDED[language] if word in text), "?")
    known = (" ".join(mate),)
    return Canary(language, kind, text, " ".join(own), known, tuple(secrets), kept)
