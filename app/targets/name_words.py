"""The words around people's names in published files: titles, honours, posts, particles, and words for a vacant seat.

What is made of them is in `app.targets.names`. Where a word is a name as well, it stands here only in the form, or with
the condition, in which it is none.
"""

from __future__ import annotations

import re

KEPT = {
    "baron": "Baron",
    "baroness": "Baroness",
    "canon": "Canon",
    "dame": "Dame",
    "doctor": "Dr",
    "dr": "Dr",
    "lady": "Lady",
    "lord": "Lord",
    "parch": "Rev",
    "parchedig": "Rev",
    "prof": "Prof",
    "professor": "Prof",
    "rev": "Rev",
    "revd": "Rev",
    "reverend": "Rev",
    "sir": "Sir",
    "viscount": "Viscount",
    "viscountess": "Viscountess",
}
"""Titles that a greeting keeps beside "Cllr", and how it writes them."""
COURTESY = {"miss": "Miss", "mr": "Mr", "mrs": "Mrs", "ms": "Ms", "mx": "Mx"}
"""Titles that a greeting keeps only where no other stands before the name."""
OFFICE = re.compile(
    "ald|alderman|alderwoman|baill?ie|cllrs?|councill?or|cyng|cynghorydd|deputy|depute|mayor|mayoress|provost|the|"
    "worshipful"
)
BEFORE_OFFICE = frozenset({"city", "civic", "county", "elected", "hon", "honorary", "right", "rt", "y"})
"""Titles where another title follows: "County Councillor", "Right Worshipful"; "Hon Wai" is a name."""
GIVEN_NAME_GOES_WITH = frozenset({"Dame", "Lady", "Lord", "Sir"})
OF_OFFICE = frozenset({"mayor", "mayoress", "provost"})
"""Before these "Lord" and "Lady" are no title of the person's own."""
HONOUR = re.compile("bem|cbe|dbe|dl|esq|frsa|gbe|jp|kbe|kc|mbe|mp|ms|msp|obe|phd|qc")
DEGREE = re.compile(
    "AM|BA|BEd|BSc|Bt|CB|CEng|CH|CMG|CVO|DCB|DCMG|DCVO|DFC|DPhil|DSC|DSO|FBA|FCA|FRICS|FRS|GCB|GCMG|GM|Hons|KCB|KCMG|"
    "KCVO|KPM|LLB|LVO|MA|MBA|MC|MEP|MEd|MLA|MSc|MVO|OM|QPM|RAF|RD|RM|RN|TD|VR"
)
"""Only as printed here, and behind two names that are not in capitals too: Ma, Ba and Om are surnames."""
BEHIND = re.compile("jnr|jr|junior|senior|snr|sr|i{2,3}|iv")
"""Part of a name, not of its surname."""
PARTICLE = re.compile("ab|al|ap|da|das|de|del|della|den|der|di|dos|du|el|la|le|ten|ter|van|von|zu")
"""In small letters only: "Van" and "Le" are given names too."""
IRISH = re.compile("Ó|[OÓ]['’`´]")
GIVEN_BEHIND = re.compile(r"\w+-[a-z]+")
"""A given name of two syllables, such as Siu-ming, which stands behind the surname."""
UNCLEAR = frozenset({"&", "and", "/", "O"})
"""Two people, or an O that is an initial or half a surname."""
AND = frozenset({"&", "and"})
ODD = re.compile(r"[^\w.'’‘`´‑–-]|\d")
"""What no word of a name has."""
LONGEST = 200
"""Characters of a text that are looked at for words of a vacant seat."""
SEAT = "seat|position|post|place|ward"
LEFT = "deceased|disqualified|resigned"
VACANT = re.compile(
    rf"vacant\b.*|.*\bvacanc(y|ies)\b.*|(currently|now|(the |this )?({SEAT})\b.*) vacant"
    rf"|.*[-–—:,(\[]\s*(currently )?(vacant|{LEFT})[)\]]?|{LEFT}|(the )?late\b.*"
    r"|no (current )?councill?or|(awaiting |pending )?(by-?|by )?election( pending)?|to be elected"
    r"|(sedd |swydd )wag|gwag",
    re.IGNORECASE,
)
NOBODY = re.compile(
    r"n\s*[/.]?\s*a|nil|none|not known|null|to be (advised|announced|confirmed)|t\.?b\.?[ac]|unknown|[\W\d_]*|.*@.*",
    re.IGNORECASE,
)
BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]|(?<=\w )[\"“‘'][^\"“”‘’']+[\"”’'](?= \w)")
"""Brackets, and a nickname in quotation marks."""
POST = re.compile(
    r"\b(cabinet|chair(man|woman|person)?|convener|convenor|director|editor|executive|head of|leader|manager|mayor|"
    r"mayoress|officer|president|provost|secretary|speaker|spokes\w+|treasurer|whip)\b",
    re.IGNORECASE,
)
DASH = re.compile(r"\s[-–—]\s+(.*)")
BESIDE = re.compile(
    rf"{POST.pattern}|\b(con|conservative|group|green party|independent|lab|labour|lib dem|liberal|plaid|reform|snp)\b"
    r"|\w (ward|division)\b",
    re.IGNORECASE,
)
"""What tells that words behind a dash are no second half of a surname."""
STUCK = re.compile(r"\b(ald|cllr|cyng|dr|miss|mr|mrs|ms|mx|prof|rev|revd|sir)\.(?=\w)", re.IGNORECASE)
HONOURABLE = re.compile(r"\b(the|rt\.?|right) hon(ourable)?\b\.?", re.IGNORECASE)
OFFICE_SET_OFF = re.compile(
    r"\b((?:deputy|depute|lady|lord|the|worshipful) (?:mayor|mayoress|provost)|councill?or|cllr\.?)\s*[,:–—-]\s",
    re.IGNORECASE,
)
"""An office set off from the name behind it."""
