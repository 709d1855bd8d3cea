"""Domains of free mail: an address there says nothing about an employer."""

from __future__ import annotations

from typing import Final

_DOMAINS: Final = """
    gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it
    yahoo.co.in yahoo.com.br ymail.com rocketmail.com hotmail.com hotmail.co.uk hotmail.de
    hotmail.fr hotmail.it hotmail.es outlook.com outlook.de outlook.fr outlook.es live.com
    live.co.uk live.de live.nl msn.com icloud.com me.com mac.com aol.com aol.de gmx.de gmx.net
    gmx.com gmx.at gmx.ch web.de t-online.de freenet.de posteo.de mailbox.org arcor.de mail.com
    mail.ru yandex.ru yandex.com bk.ru inbox.ru list.ru proton.me protonmail.com pm.me
    tutanota.com tutanota.de tuta.io zoho.com fastmail.com hey.com orange.fr wanadoo.fr free.fr
    laposte.net sfr.fr bbox.fr libero.it virgilio.it alice.it tiscali.it tin.it telefonica.net
    terra.es uol.com.br bol.com.br terra.com.br ig.com.br sapo.pt ziggo.nl kpnmail.nl xs4all.nl
    planet.nl hetnet.nl telenet.be skynet.be bluewin.ch hispeed.ch comcast.net verizon.net
    att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net btinternet.com sky.com
    virginmedia.com ntlworld.com talktalk.net shaw.ca rogers.com sympatico.ca bigpond.com
    optusnet.com.au qq.com 163.com 126.com sina.com foxmail.com naver.com daum.net hanmail.net
    rediffmail.com wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz abv.bg ukr.net
    mailinator.com guerrillamail.com 10minutemail.com
"""
FREE_MAIL: Final = frozenset(_DOMAINS.split())
