"""Chinese names as the customer features use them; read where all features can reach them."""

from app.kernel.chinese_names import SURNAME_READINGS, NamePinyin, is_han, name_pinyin, pinyin_initials

__all__ = ["SURNAME_READINGS", "NamePinyin", "is_han", "name_pinyin", "pinyin_initials"]
