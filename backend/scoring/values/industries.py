"""Industries: HubSpot's enumeration and the spellings people use for its members.

A canonical industry is the enumeration value in lower-case words ("computer software"). Source:
HubSpot's default company property `industry` (about 150 options, the old LinkedIn list).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_KNOWN = """accounting|airlines aviation|alternative dispute resolution|alternative medicine|
animation|apparel fashion|architecture planning|arts and crafts|automotive|aviation aerospace|
banking|biotechnology|broadcast media|building materials|business supplies and equipment|
capital markets|chemicals|civic social organization|civil engineering|commercial real estate|
computer network security|computer games|computer hardware|computer networking|computer software|
internet|construction|consumer electronics|consumer goods|consumer services|cosmetics|dairy|
defense space|design|education management|e learning|electrical electronic manufacturing|
entertainment|environmental services|events services|executive office|facilities services|farming|
financial services|fine art|fishery|food beverages|food production|fund raising|furniture|
gambling casinos|glass ceramics concrete|government administration|government relations|
graphic design|health wellness and fitness|higher education|hospital health care|hospitality|
human resources|import and export|individual family services|industrial automation|
information services|information technology and services|insurance|international affairs|
international trade and development|investment banking|investment management|judiciary|
law enforcement|law practice|legal services|legislative office|leisure travel tourism|libraries|
logistics and supply chain|luxury goods jewelry|machinery|management consulting|maritime|
market research|marketing and advertising|mechanical or industrial engineering|media production|
medical devices|medical practice|mental health care|military|mining metals|
motion pictures and film|museums and institutions|music|nanotechnology|newspapers|
non profit organization management|oil energy|online media|outsourcing offshoring|
package freight delivery|packaging and containers|paper forest products|performing arts|
pharmaceuticals|philanthropy|photography|plastics|political organization|
primary secondary education|printing|professional training coaching|program development|
public policy|public relations and communications|public safety|publishing|railroad manufacture|
ranching|real estate|recreational facilities and services|religious institutions|
renewables environment|research|restaurants|retail|security and investigations|semiconductors|
shipbuilding|sporting goods|sports|staffing and recruiting|supermarkets|telecommunications|
textiles|think tanks|tobacco|translation and localization|transportation trucking railroad|
utilities|venture capital private equity|veterinary|warehousing|wholesale|wine and spirits|
wireless|writing and editing|mobile games"""

INDUSTRIES: Final = frozenset(name.replace("\n", "") for name in _KNOWN.split("|"))

# spelling → canonical; one line per canonical value
_SPELLINGS: Final = {
    "computer software": "software|saas|software development|software company|b2b software|"
    "enterprise software|software as a service|softwareentwicklung|logiciel|tech|technology|"
    "technologie|computer software saas",
    "information technology and services": "it|it services|information technology|"
    "information technology services|it consulting|it dienstleistungen|informatique|it service",
    "computer network security": "cybersecurity|cyber security|it security|network security",
    "internet": "internet services|web services|ecommerce|e commerce|online retail",
    "financial services": "finance|fintech|financial|finanzdienstleistungen|financial technology",
    "banking": "bank|banks|banken",
    "insurance": "insurtech|versicherung|versicherungen|assurance",
    "hospital health care": "healthcare|health care|hospitals|hospital|health|gesundheitswesen|"
    "hospital and health care|healthtech",
    "pharmaceuticals": "pharma|pharmaceutical",
    "biotechnology": "biotech|life sciences",
    "medical devices": "medtech|medical device",
    "logistics and supply chain": "logistics|supply chain|logistik|logistique|freight|shipping|"
    "logistics supply chain|transport and logistics",
    "transportation trucking railroad": "transportation|transport|trucking|railroad",
    "machinery": "machinery manufacturing|maschinenbau|mechanical engineering",
    "electrical electronic manufacturing": "electronics|electronics manufacturing|manufacturing|"
    "industrial manufacturing|produktion|fertigung",
    "industrial automation": "automation|robotics",
    "automotive": "auto|automobile|cars|automobil",
    "construction": "building construction|bau|bauwesen",
    "real estate": "property|proptech|immobilien|immobilier",
    "retail": "retailer|einzelhandel|retail trade",
    "wholesale": "grosshandel|distribution|wholesale trade",
    "consumer goods": "fmcg|cpg|consumer packaged goods",
    "food beverages": "food and beverage|food and beverages|food|beverages",
    "hospitality": "hotels|hotel|hotellerie",
    "restaurants": "restaurant|gastronomie|gastronomy",
    "leisure travel tourism": "travel|tourism|leisure|travel and tourism",
    "marketing and advertising": "marketing|advertising|agency|marketing agency|advertising agency|"
    "digital agency|werbung",
    "media production": "media",
    "publishing": "publisher|verlag",
    "telecommunications": "telecom|telecoms|telco|telekommunikation",
    "oil energy": "oil and gas|oil gas|energy|oil and energy|energie",
    "renewables environment": "renewables|renewable energy|cleantech|solar|"
    "renewables and environment",
    "utilities": "utility|versorger",
    "education management": "education|edtech|bildung",
    "higher education": "university|universities",
    "e learning": "elearning|online education|online learning",
    "primary secondary education": "schools|school|k12|k 12",
    "government administration": "government|public sector|public administration|verwaltung",
    "non profit organization management": "nonprofit|non profit|ngo|charity|"
    "nonprofit organization management|non profit organisation",
    "legal services": "legal|lawyers",
    "law practice": "law firm|law",
    "management consulting": "consulting|consultancy|business consulting|unternehmensberatung",
    "accounting": "accountancy|accountants|audit",
    "human resources": "hr|hr services|human resource",
    "staffing and recruiting": "staffing|recruiting|recruitment|personaldienstleistung",
    "venture capital private equity": "venture capital|private equity|vc",
    "investment management": "asset management|investments|wealth management",
    "computer games": "gaming|games|video games",
    "semiconductors": "semiconductor|chips",
    "computer hardware": "hardware",
    "agriculture": "farming and agriculture|agritech|landwirtschaft|agri",
    "aviation aerospace": "aerospace|aviation",
    "defense space": "defense|defence|defence and space|space",
    "entertainment": "film and tv",
    "sports": "sport",
    "apparel fashion": "fashion|apparel|clothing|mode",
    "textiles": "textile",
    "chemicals": "chemical|chemie|chemical industry",
    "mining metals": "mining|metals|mining and metals|steel",
    "plastics": "plastic|kunststoff",
}
_ALIASES: Final = {
    spelling: name for name, line in _SPELLINGS.items() for spelling in line.split("|")
} | {name: name for name in INDUSTRIES | set(_SPELLINGS)}

_LONGEST: Final = max(len(name.split()) for name in _ALIASES)
_OWN_WORDS: Final = 5  # a value outside the list has at most so many words …
_OWN_LENGTH: Final = 40  # … and characters; anything longer is prose, not an industry
_SCANNED_WORDS: Final = 60


def industry_key(text: str) -> str:
    """Canonical key: a listed industry, else the portal's own short value, else ""."""
    words = _words(text)
    own = " ".join(words)
    known = _ALIASES.get(own)
    if known:
        return known
    if own and len(words) <= _OWN_WORDS and len(own) <= _OWN_LENGTH and not own.isdigit():
        return own
    return _first_mentioned(words[:_SCANNED_WORDS])


def _first_mentioned(words: list[str]) -> str:
    for start in range(len(words)):
        for length in range(min(_LONGEST, len(words) - start), 0, -1):
            phrase = " ".join(words[start : start + length])
            if len(phrase) > 2 and phrase in _ALIASES:
                return _ALIASES[phrase]
    return ""


def _words(text: str) -> list[str]:
    """Lower-case words without accents or punctuation; "&" reads as "and"."""
    folded = unicodedata.normalize("NFKD", text[:1_000].casefold()).replace("&", " and ")
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", plain)
