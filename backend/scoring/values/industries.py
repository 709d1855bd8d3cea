"""Industries: HubSpot's enumeration and the spellings people use for its members.

A canonical industry is the enumeration value in lower-case words ("computer software"). Source:
HubSpot's default company property `industry` (about 150 options, the old LinkedIn list).
"""

from __future__ import annotations

from typing import Final

from backend.scoring.values.folding import words_of

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
    "computer software": "saas software|b2b saas|ソフトウェア|软件|軟體|소프트웨어|"
    "software|saas|software development|software company|b2b software|"
    "enterprise software|software as a service|softwareentwicklung|logiciel|tech|technology|"
    "technologie|computer software saas|software saas",
    "information technology and services": "it|it services|information technology|"
    "information technology services|it consulting|it dienstleistungen|informatique|it service",
    "computer network security": "cybersecurity|cyber security|it security|network security",
    "internet": "internet services|web services|ecommerce|e commerce|online retail",
    "financial services": "fin tech|"
    "servicios financieros|servicos financeiros|servizi finanziari|services financiers|金融|금융|"
    "finance|fintech|financial|finanzdienstleistungen|financial technology",
    "banking": "banque|banques|banca|banco|bancos|银行|銀行|은행|bank|banks|banken",
    "insurance": "assurances|seguros|assicurazioni|verzekeringen|保险|保険|보험|"
    "insurtech|versicherung|versicherungen|assurance",
    "hospital health care": "salud|saude|sante|sanita|zorg|医疗|医療|의료|"
    "healthcare|health care|hospitals|hospital|health|gesundheitswesen|"
    "hospital and health care|healthtech",
    "pharmaceuticals": "pharma|pharmaceutical",
    "biotechnology": "biotech|life sciences",
    "medical devices": "medtech|medical device",
    "logistics and supply chain": "logistica|logistiek|物流|물류|"
    "logistics|supply chain|logistik|logistique|freight|shipping|"
    "logistics supply chain|transport and logistics",
    "transportation trucking railroad": "transportation|transport|trucking|railroad",
    "machinery": "machinery manufacturing|maschinenbau|mechanical engineering",
    "electrical electronic manufacturing": "electronics|electronics manufacturing|electrical and "
    "electronics manufacturing|elektrotechnik|elektronik",
    "manufacturing": "industrial manufacturing|produktion|fertigung|manufacturer|manufacture|"
    "industrie manufacturiere|produccion|manufactura|industria manifatturiera|製造業|制造业|제조업|"
    "verarbeitendes gewerbe|maakindustrie|tillverkning|produkcja",
    "industrial automation": "automation|robotics",
    "automotive": "automotriz|automocion|automotivo|自動車|汽车|자동차|"
    "auto|automobile|cars|automobil",
    "construction": "batiment|btp|construccion|construcao|costruzioni|edilizia|bouw|建設|建筑|건설|"
    "building construction|bau|bauwesen",
    "real estate": "inmobiliaria|"
    "inmobiliario|bienes raices|imobiliario|imoveis|immobiliare|vastgoed|不動産|房地产|부동산|"
    "property|proptech|immobilien|immobilier",
    "retail": "commerce de detail|"
    "minorista|comercio minorista|varejo|comercio al por menor|detailhandel|小売|小売業|零售|소매|"
    "retailer|einzelhandel|retail trade",
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
    "telecommunications": "telecomunicaciones|telecomunicacoes|telecomunicazioni|telecommunicatie|"
    "telecom|telecoms|telco|telekommunikation",
    "oil energy": "oil and gas|oil gas|energy|oil and energy|energie",
    "renewables environment": "renewables|renewable energy|cleantech|solar|"
    "renewables and environment",
    "utilities": "utility|versorger",
    "education management": "educacion|educacao|istruzione|onderwijs|教育|교육|"
    "education|edtech|bildung",
    "higher education": "university|universities",
    "e learning": "elearning|online education|online learning",
    "primary secondary education": "schools|school|k12|k 12",
    "government administration": "government|public sector|public administration|verwaltung",
    "non profit organization management": "nonprofit|non profit|ngo|charity|"
    "nonprofit organization management|non profit organisation",
    "legal services": "legal|lawyers",
    "law practice": "law firm|law",
    "management consulting": "conseil|consultoria|consulenza|コンサルティング|咨询|컨설팅|"
    "consulting|consultancy|business consulting|unternehmensberatung",
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
# LinkedIn's present names (its second list, 2022) → those of the first list, which HubSpot has.
_LINKEDIN: Final = {
    "airlines aviation": "airlines and aviation",
    "animation": "animation and post production",
    "apparel fashion": "retail apparel and fashion|apparel manufacturing",
    "architecture planning": "architecture and planning",
    "automotive": "motor vehicle manufacturing|motor vehicle parts manufacturing|"
    "retail motor vehicles",
    "aviation aerospace": "aviation and aerospace component manufacturing",
    "biotechnology": "biotechnology research",
    "broadcast media": "broadcast media production and distribution",
    "building materials": "wholesale building materials|"
    "retail building materials and garden equipment",
    "business supplies and equipment": "retail office supplies and gifts|"
    "office furniture and fixtures "
    "manufacturing",
    "chemicals": "chemical manufacturing",
    "civic social organization": "civic and social organizations",
    "commercial real estate": "leasing non residential real estate",
    "computer network security": "computer and network security",
    "computer games": "mobile gaming apps",
    "computer hardware": "computer hardware manufacturing",
    "computer networking": "computer networking products",
    "computer software": "software development|business intelligence platforms|"
    "desktop computing software products|mobile computing software products|"
    "embedded software products|data security software products",
    "consumer electronics": "computers and electronics manufacturing|"
    "household appliance manufacturing|retail appliances electrical and electronic equipment",
    "consumer services": "household services",
    "cosmetics": "personal care product manufacturing|retail health and personal care products",
    "dairy": "dairy product manufacturing",
    "defense space": "defense and space manufacturing",
    "design": "design services",
    "e learning": "e learning providers",
    "education management": "education administration programs",
    "electrical electronic manufacturing": "appliances electrical and electronics manufacturing|"
    "electrical equipment manufacturing",
    "entertainment": "entertainment providers",
    "executive office": "executive offices",
    "financial services": "credit intermediation|funds and trusts",
    "fishery": "fisheries",
    "food beverages": "food and beverage services|food and beverage retail",
    "food production": "food and beverage manufacturing",
    "fund raising": "fundraising",
    "furniture": "furniture and home furnishings manufacturing|"
    "retail furniture and home furnishings",
    "gambling casinos": "gambling facilities and casinos",
    "glass ceramics concrete": "glass ceramics and concrete manufacturing",
    "government relations": "government relations services",
    "health wellness and fitness": "wellness and fitness services",
    "hospital health care": "hospitals and health care",
    "human resources": "human resources services",
    "import and export": "wholesale import and export",
    "individual family services": "individual and family services",
    "industrial automation": "automation machinery manufacturing|robotics engineering|"
    "robot manufacturing",
    "information technology and services": "it services and it consulting|"
    "it system design services|it system custom software development|"
    "it system operations and maintenance|it system data services",
    "insurance": "insurance carriers|insurance agencies and brokerages",
    "internet": "technology information and internet|internet publishing|"
    "technology information and media|internet marketplace platforms|social networking platforms",
    "judiciary": "administration of justice|courts of law",
    "law practice": "law practices",
    "legislative office": "legislative offices",
    "leisure travel tourism": "travel arrangements|travel agencies",
    "logistics and supply chain": "transportation logistics supply chain and storage",
    "luxury goods jewelry": "retail luxury goods and jewelry",
    "machinery": "machinery manufacturing|industrial machinery manufacturing|"
    "agriculture construction mining machinery manufacturing",
    "management consulting": "business consulting and services|strategic management services",
    "maritime": "maritime transportation",
    "marketing and advertising": "advertising services|marketing services",
    "medical devices": "medical equipment manufacturing",
    "medical practice": "medical practices|physicians|dentists",
    "military": "armed forces",
    "mining metals": "mining|primary metal manufacturing|metal ore mining",
    "motion pictures and film": "movies videos and sound",
    "museums and institutions": "museums historical sites and zoos|museums",
    "music": "musicians|sound recording",
    "nanotechnology": "nanotechnology research",
    "newspapers": "newspaper publishing",
    "non profit organization management": "non profit organizations|nonprofit organizations",
    "oil energy": "oil and gas|oil extraction|natural gas extraction",
    "online media": "online audio and video media",
    "outsourcing offshoring": "outsourcing and offshoring consulting",
    "package freight delivery": "freight and package transportation|postal services",
    "packaging and containers": "packaging and containers manufacturing",
    "paper forest products": "paper and forest product manufacturing",
    "pharmaceuticals": "pharmaceutical manufacturing",
    "philanthropy": "philanthropic fundraising services",
    "plastics": "plastics manufacturing|plastics and rubber product manufacturing",
    "political organization": "political organizations",
    "primary secondary education": "primary and secondary education",
    "printing": "printing services",
    "public policy": "public policy offices",
    "public relations and communications": "public relations and communications services",
    "publishing": "book and periodical publishing|book publishing|periodical publishing",
    "railroad manufacture": "railroad equipment manufacturing",
    "recreational facilities and services": "recreational facilities",
    "renewables environment": "renewable energy semiconductor manufacturing|"
    "services for renewable energy|solar electric power generation|wind electric power generation|"
    "renewable energy power generation",
    "research": "research services",
    "semiconductors": "semiconductor manufacturing",
    "sporting goods": "sporting goods manufacturing",
    "sports": "spectator sports|sports teams and clubs",
    "supermarkets": "retail groceries|grocery retail",
    "telecommunications": "telecommunications carriers",
    "textiles": "textile manufacturing",
    "tobacco": "tobacco manufacturing",
    "transportation trucking railroad": "truck transportation|rail transportation|ground passenger "
    "transportation",
    "utilities": "electric power generation|water supply and irrigation systems",
    "venture capital private equity": "venture capital and private equity principals",
    "veterinary": "veterinary services",
    "warehousing": "warehousing and storage",
    "wine and spirits": "beverage manufacturing|wineries|breweries|distilleries",
    "wireless": "wireless services",
}
_JOINTS: Final = frozenset({"and", "und", "et", "y", "e", "en", "og", "och", "i"})


def _without_joints(words: str) -> str:
    """ "food and beverages" as "food beverages": HubSpot's "&" stands for nothing."""
    kept = [word for word in words.split() if word not in _JOINTS]
    return " ".join(kept) or words


_ALIASES: Final = {
    _without_joints(words_of(spelling)): name
    for table in (_LINKEDIN, _SPELLINGS)
    for name, line in table.items()
    for spelling in line.split("|")
} | {_without_joints(name): name for name in INDUSTRIES | set(_SPELLINGS)}

_LONGEST: Final = max(len(name.split()) for name in _ALIASES)
_OWN_WORDS: Final = 5  # a value outside the list has at most so many words …
_OWN_LENGTH: Final = 40  # … and characters; anything longer is prose, not an industry
_SCANNED_WORDS: Final = 60


def industry_key(text: str) -> str:
    """Canonical key: a listed industry, else the portal's own short value, else ""."""
    words = words_of(text[:1_000]).split()
    known = _ALIASES.get(_without_joints(" ".join(words)))
    if known:
        return known
    own = " ".join(words)
    if own and len(words) <= _OWN_WORDS and len(own) <= _OWN_LENGTH and not own.isdigit():
        return own
    return _first_mentioned([word for word in words if word not in _JOINTS][:_SCANNED_WORDS])


def _first_mentioned(words: list[str]) -> str:
    for start in range(len(words)):
        for length in range(min(_LONGEST, len(words) - start), 0, -1):
            phrase = " ".join(words[start : start + length])
            if len(phrase) > 2 and phrase in _ALIASES:
                return _ALIASES[phrase]
    return ""
