#!/usr/bin/env python3
"""Draws the layouts in docs/wire-layouts.md from the headers in lib/wire, bit by bit: wire_layouts.py rewrites them in place.

A block of the page is `<!-- layout: Struct -->` or `<!-- word: Name -->`, then a fenced block of text, which is drawn here.
tests/lint/wire_layouts.py says when one is out of date, and when offsets and static_asserts disagree.
"""
import dataclasses
import pathlib
import re
import sys

PAGE = "docs/wire-layouts.md"
BYTE_COLUMNS = 12
ROW_BYTES = 4

STRUCT = re.compile(r"^struct (\w+) \{\n(.*?)^\};", re.M | re.S)
FIELD = re.compile(r"^(?:base::Shared<)?(?:std::(u?int\d+)_t|(\w+))>? (\w+)((?:\[\w+\])*)$")
CONSTANT = re.compile(r"constexpr std::\w+ (k\w+) = ([^;]+);")
ENUM_BIT = re.compile(r"(k\w+) = 1U << (\d+)")
SIZE_ASSERT = re.compile(r"sizeof\((\w+)\) == (\d+)")
OFFSET_ASSERT = re.compile(r"offsetof\((\w+), (\w+)\) == (\d+)")
BLOCK = re.compile(r"(<!-- (layout|word): (\w+) -->\n```text\n)(.*?)(^```)", re.M | re.S)

# Words whose bits have a name each, and those of their fields that are a shift and a mask.
WORDS = {
    "TxChecksum": ("TxChecksum", [("transport header's offset", "kTxChecksumOffsetShift", "kTxChecksumOffsetMask")]),
    "RxChecksum": ("RxChecksum", []),
    "LargeSend": (None, [("MSS", None, "kLsoMssMask"), ("TCP header's offset", "kLsoOffsetShift", "kLsoOffsetMask"),
                         ("kLsoV2", "kLsoV2", None), ("kLsoIpv6", "kLsoIpv6", None)]),
    "Capabilities": ("NvspCapability", []),
}


@dataclasses.dataclass
class Field:
    name: str
    offset: int
    bytes: int
    top_level: bool = True


class Headers:
    """What lib/wire says: structs as fields with offsets, constants, enumerators, and its own asserts."""

    def __init__(self, root):
        self.text = "\n".join(path.read_text() for path in sorted((root / "lib/wire").glob("*.hpp")))
        plain = re.sub(r"//.*", "", self.text)
        self.constants = {}
        for name, value in CONSTANT.findall(plain):
            self._define(name, value)
        self.structs = {}
        for name, body in STRUCT.findall(plain):
            self.structs[name] = self._layout(body)
        for name, other in re.findall(r"^using (\w+) = (\w+);", plain, re.M):
            if other in self.structs:
                self.structs[name] = self.structs[other]

    def _define(self, name, value):
        try:  # numbers and what is built of them; anything else is not needed here
            self.constants[name] = eval(re.sub(r"(\d)U\b", r"\1", value), {"__builtins__": {}}, dict(self.constants))
        except (NameError, SyntaxError, TypeError):
            pass

    def _count(self, dimensions):
        product = 1
        for dimension in re.findall(r"\[(\w+)\]", dimensions):
            product *= int(dimension) if dimension.isdigit() else self.constants[dimension]
        return product

    def _layout(self, body):
        """(fields, size, alignment); None for a struct that holds more than numbers."""
        fields, at, most = [], 0, 1
        for statement in filter(None, (part.strip() for part in body.split(";"))):
            parts = FIELD.match(" ".join(statement.split()))
            if not parts or (parts[2] and self.structs.get(parts[2]) is None):
                return None
            nested = self.structs[parts[2]] if parts[2] else None
            size, alignment = nested[1:] if nested else (int(re.sub(r"\D", "", parts[1])) // 8,) * 2
            at = -(-at // alignment) * alignment
            fields.append(Field(parts[3], at, size * self._count(parts[4])))
            if nested and not parts[4]:
                fields += [Field(inner.name, at + inner.offset, inner.bytes, False) for inner in nested[0] if inner.top_level]
            at += fields[-1].bytes if not nested or parts[4] else size
            most = max(most, alignment)
        return fields, -(-at // most) * most, most

    def contradictions(self):
        """Where what was computed here is not what the compiler is made to check."""
        for name, size in SIZE_ASSERT.findall(self.text):
            if self.structs.get(name) and self.structs[name][1] != int(size):
                yield f"{name}: {self.structs[name][1]} bytes computed, {size} asserted"
        for name, field, offset in OFFSET_ASSERT.findall(self.text):
            found = [each.offset for each in (self.structs.get(name) or ([],))[0] if each.name == field and each.top_level]
            if self.structs.get(name) and found != [int(offset)]:
                yield f"{name}.{field}: at {found} computed, at {offset} asserted"


def leaves(fields):
    """Without the nested structs that are drawn by their own fields."""
    inner = [field for field in fields if not field.top_level]
    return [field for field in fields
            if not (field.top_level and any(field.offset <= each.offset < field.offset + field.bytes for each in inner))]


def cell(text, width_bytes):
    return f" {text}".ljust(width_bytes * BYTE_COLUMNS - 1) + "|"


def draw_struct(headers, name):
    if headers.structs.get(name) is None:
        raise KeyError(f"lib/wire has no struct {name} that can be drawn")
    rule = "     +" + ("-" * (BYTE_COLUMNS - 1) + "+") * ROW_BYTES
    ruler = "".join(f"{8 * byte:<{BYTE_COLUMNS - 3}}{8 * byte + 7:>2} " for byte in range(ROW_BYTES)).rstrip()
    lines = ["      " + ruler, rule]
    row = ""
    for field in leaves(headers.structs[name][0]):
        if field.offset % ROW_BYTES == 0:
            row = f"{field.offset:>4} |"
        if field.bytes > ROW_BYTES:
            words = field.name if field.bytes == 8 else f"{field.name} ({field.bytes} bytes)"
            lines.append(row + cell(words, ROW_BYTES))
            if field.bytes == 8:
                lines.append("     |" + cell("", ROW_BYTES))
            lines.append(rule)
            continue
        row += cell(field.name, field.bytes)
        if (field.offset + field.bytes) % ROW_BYTES == 0:
            lines += [row, rule]
    return "\n".join(lines) + "\n"


def word_fields(headers, name):
    """(name, first bit, bits), the lowest first."""
    enum, extra = WORDS[name]
    fields = []
    if enum:
        body = re.search(rf"enum {enum} [^{{]*\{{(.*?)\}};", headers.text, re.S)[1]
        fields += [(bit, int(shift), 1) for bit, shift in ENUM_BIT.findall(body)]
    for words, shift, mask in extra:
        first = headers.constants[shift] if shift else 0
        if mask is None:  # the constant is the bit itself
            first = headers.constants[shift].bit_length() - 1
        fields.append((words, first, headers.constants[mask].bit_length() if mask else 1))
    return sorted(fields, key=lambda field: field[1])


def draw_word(headers, name):
    fields = word_fields(headers, name)
    bits = ["."] * 32
    for letter, (_, first, count) in zip("abcdefghijklmnop", fields):
        bits[first:first + count] = letter * count
    halves = [" ".join(reversed(bits[begin:begin + 16])) for begin in (16, 0)]
    lines = ["  31" + " " * 27 + "16   15" + " " * 28 + "0", "   " + "    ".join(halves), ""]
    for letter, (words, first, count) in zip("abcdefghijklmnop", fields):
        where = f"{first}" if count == 1 else f"{first}-{first + count - 1}"
        lines.append(f"   {letter}  {where:<7}{words}")
    return "\n".join(lines) + "\n"


def redrawn(root, text):
    headers = Headers(root)
    draw = {"layout": draw_struct, "word": draw_word}
    return BLOCK.sub(lambda block: block[1] + draw[block[2]](headers, block[3]) + block[5], text)


if __name__ == "__main__":
    repository = pathlib.Path(__file__).resolve().parents[1]
    page = repository / PAGE
    page.write_text(redrawn(repository, page.read_text()))
    sys.exit(0)
