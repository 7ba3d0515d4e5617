"""What is left of Vietnamese text that met an old encoding: TCVN3 bytes read as Latin-1, or letters lost to `?`."""

_LETTERS = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
_TCVN3 = "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ"
_CAPITALS = dict(zip("ĂÂÊÔƠƯĐ", "¡¢£¤¥¦§", strict=True))
_TABLE = str.maketrans(dict(zip(_LETTERS, _TCVN3, strict=True)) | _CAPITALS)


def tcvn3(text: str) -> str:
    """`Nguyễn Văn` as `NguyÔn V¨n`: what the font of those years made readable."""
    return text.translate(_TABLE)


def question_marks(text: str) -> str:
    """`Nguyễn` as `Nguy?n`: a column that could not hold the letter."""
    return text.encode("cp1252", "replace").decode("cp1252")
