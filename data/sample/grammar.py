r"""The little language in which the mails of `grammar/*.txt` are written, and its writer.

A file holds rules: a name at the left margin, then one alternative an indented line. In them

    {name} {file.name}   one alternative of that rule (of this file, else of words.txt)
    {=name}              the same, but the first result stays for the whole mail
    {%name} {.name}      the kept result as a slug: mara-pellbury, mara.pellbury
    {~name}              the first word of the kept result: Mara
    {^name}              with a capital first letter
    {>name}              quoted as in a reply, `> ` before each wrapped line; another `me` signs
    {2-4*name}           two to four different alternatives; `/` instead of `*` puts them on
                         lines of their own, `//` in paragraphs
    {5..90}              a number; {a:5} {x:5} {d:5} five letters, hex digits, digits
    [one|two|]           one of these, also nothing; they nest
    \n \[ \]             a new line, literal brackets
    @3-9 ...             an alternative that exists only from month 3 to month 9

A campaign is a set of mails that share every choice of *rule* and differ in brackets, numbers and
`words.txt`: the sentences stay, the wording moves, as in bulk mail.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from sample.dice import Dice
from sample.layout import wrapped

SHARED = "words"
LETTERS = {"a": "abcdefghijklmnopqrstuvwxyz", "x": "0123456789abcdef", "d": "0123456789"}
JOINTS = {"*": " ", "/": "\n", "//": "\n\n"}
NUMBER = re.compile(r"(\d+)\.\.(\d+)")
RANDOM = re.compile(r"([axd]):(\d+)")
SEVERAL = re.compile(r"(\d+)(?:-(\d+))?(//|/|\*)([\w.]+)")
RULE = re.compile(r"([=^%~]*|>|\.)(\w+(?:\.\w+)?)")
MONTHS = re.compile(r"@(\d+)-(\d+) ")


@dataclass(frozen=True)
class Alternative:
    """One way to write a rule, and the months of the corpus in which people write so."""

    text: str
    first: int = 1
    last: int = 99


Rules = dict[str, list[Alternative]]
Library = dict[str, Rules]


def read_library(folder: Path) -> Library:
    """All grammar files of a folder, by file name."""
    return {path.stem: _rules(path) for path in sorted(folder.glob("*.txt"))}


def _rules(path: Path) -> Rules:
    rules: Rules = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] != " ":
            name = line.rstrip(": ")
            if name in rules:
                raise ValueError(f"{path.name}:{number}: the rule {name!r} is there twice")
            rules[name] = []
            continue
        text = line.strip()
        months = MONTHS.match(text)
        if months:
            text = text[months.end() :]
            rules[name].append(Alternative(text, int(months[1]), int(months[2])))
        else:
            rules[name].append(Alternative("" if text == "-" else text))
    return rules


class Writer:
    """Writes one mail; what it has once named (a person, a shop) it remembers to the end."""

    def __init__(self, library: Library, home: str, dice: Dice, month: int, campaign: str = ""):
        self._library = library
        self._home = home
        self._dice = dice
        self._month = month
        self._campaign = campaign
        self._kept: dict[str, str] = {}
        self._uses: dict[tuple[str, str], int] = {}

    def mail(self) -> tuple[str, str, str]:
        """Sender, subject and body of one alternative of the rule `mail`."""
        _, dice, options = self._look_up("mail", self._home)
        sender, subject, body = dice.pick(options).text.split(" || ")
        return self.write(sender), self.write(subject if subject != "-" else ""), self.write(body)

    def write(self, text: str, home: str = "") -> str:
        """The text with every slot and bracket filled in."""
        home = home or self._home
        out = []
        at = 0
        while at < len(text):
            mark = text[at]
            if mark == "\\":
                out.append("\n" if text[at + 1] == "n" else text[at + 1])
                at += 2
            elif mark == "{":
                end = text.index("}", at)
                out.append(self._slot(text[at + 1 : end], home))
                at = end + 1
            elif mark == "[":
                options, at = _options(text, at)
                out.append(self.write(self._dice.pick(options), home))
            else:
                out.append(mark)
                at += 1
        return "".join(out)

    def _slot(self, slot: str, home: str) -> str:
        if number := NUMBER.fullmatch(slot):
            return str(self._dice.between(int(number[1]), int(number[2])))
        if random := RANDOM.fullmatch(slot):
            return "".join(self._dice.pick(LETTERS[random[1]]) for _ in range(int(random[2])))
        if several := SEVERAL.fullmatch(slot):
            return self._several(several, home)
        rule = RULE.fullmatch(slot)
        if not rule:
            raise ValueError(f"cannot read the slot {{{slot}}} in {home}.txt")
        marks, name = rule[1], rule[2]
        if ">" in marks:
            return self._quoted(name, home)
        if marks and set(marks) & set("=%.~"):
            known = name.rpartition(".")[2]
            if known not in self._kept:
                self._kept[known] = self._one(name, home)
            text = self._kept[known]
        else:
            text = self._one(name, home)
        if "%" in marks or "." in marks:
            text = _slug(text, "-" if "%" in marks else ".")
        if "~" in marks:
            text = text.split(" ")[0]
        if "^" in marks:
            text = text[:1].upper() + text[1:]
        return text

    def _quoted(self, name: str, home: str) -> str:
        """What somebody else wrote, so that its signature is not the sender's."""
        mine = dict(self._kept)
        self._kept.pop("me", None)
        self._kept.pop("firm", None)
        text = self._one(name, home)
        for known in {"me", "firm"} & self._kept.keys():
            del self._kept[known]
        self._kept.update(mine)
        return "\n".join(f"> {line}".rstrip() for line in wrapped(text, 70).split("\n"))

    def _one(self, name: str, home: str) -> str:
        file, dice, options = self._look_up(name, home)
        return self.write(dice.pick(options).text, file)

    def _several(self, slot: re.Match[str], home: str) -> str:
        file, dice, options = self._look_up(slot[4], home)
        count = dice.between(int(slot[1]), int(slot[2] or slot[1]))
        return JOINTS[slot[3]].join(
            self.write(option.text, file) for option in dice.several(options, count)
        )

    def _look_up(self, name: str, home: str) -> tuple[str, Dice, list[Alternative]]:
        """Where the rule stands, the dice that choose in it, and what exists in this month."""
        file, _, rule = name.rpartition(".")
        file = file or home
        if rule not in self._library[file]:
            file = SHARED
        if rule not in self._library[file]:
            raise ValueError(f"{home}.txt names the rule {name!r}, which does not exist")
        options = [o for o in self._library[file][rule] if o.first <= self._month <= o.last]
        if not self._campaign or file == SHARED:
            return file, self._dice, options
        use = self._uses[file, rule] = self._uses.get((file, rule), 0) + 1
        return file, Dice(self._campaign, file, rule, use), options


def _options(text: str, start: int) -> tuple[list[str], int]:
    """The alternatives of the bracket that opens at `start`, and the place after it."""
    options, depth, at, begin = [], 0, start, start + 1
    while True:
        mark = text[at]
        if mark == "\\":
            at += 1
        elif mark == "[":
            depth += 1
        elif mark in "|]" and depth == 1:
            options.append(text[begin:at])
            begin = at + 1
        if mark == "]":
            depth -= 1
            if not depth:
                return options, at + 1
        at += 1


def _slug(text: str, joint: str) -> str:
    """
    >>> _slug("Northfold Bank", "-")
    'northfold-bank'
    """
    plain = text.lower().translate(str.maketrans("äöüéèáíóñçß", "aoueeaioncs"))
    return joint.join(re.findall(r"[a-z0-9]+", plain))
