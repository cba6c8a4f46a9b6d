"""Names of made-up people and companies, and where they live."""

from dataclasses import dataclass
from random import Random

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金"
    "韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向常"
)
RARE_SURNAMES = ("欧阳", "司徒", "上官", "诸葛", "单", "仇", "查", "区", "乐", "尉迟", "万俟")
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文辉玲红玉萍鹏飞雪梅燕波斌宇浩凯健俊帆雯婷欣怡子涵梓轩雨泽一诺思远"
    "佳琪嘉豪晓东海峰志强春兰永康少华立新若曦天宇博文瑞安宁晨曦悦然"
)
FOREIGN_GIVEN = (
    "James", "Maria", "Thomas", "Anna", "Lukas", "Sophie", "Hiroshi", "Yuki", "Min-jun", "Olivier", "Elena", "Marco",
    "Ingrid", "Pedro", "Fatima", "Arjun", "Nguyen", "Chloe", "Stefan", "Kenji", "Amelia", "Daniel", "Laura", "Omar",
)  # fmt: skip
FOREIGN_SURNAMES = (
    "Smith", "Müller", "Tanaka", "Kim", "Rossi", "Dubois", "García", "Novak", "Johansson", "Sato", "Park", "Weber",
    "Brown", "Martin", "Silva", "Kowalski", "Singh", "Larsen", "Costa", "Taylor", "Yamamoto", "Fischer", "Moreau",
)  # fmt: skip
_COMPANY_MARKS = (
    "华创", "鼎新", "恒泰", "博远", "瑞祥", "中盛", "嘉禾", "联众", "启航", "安信", "宏图", "万通", "新域", "金石",
    "天成", "云帆", "东方", "远景", "卓越", "海纳", "汇丰源", "众诚", "星辰", "立达", "同舟",
)  # fmt: skip
_COMPANY_LINES = (
    "科技", "贸易", "物流", "建筑工程", "文化传播", "餐饮管理", "医疗器械", "信息技术", "国际货运代理", "装饰设计",
    "环保工程", "电子商务", "汽车租赁", "人力资源", "供应链管理",
)  # fmt: skip
_STREETS = (
    "人民路", "解放路", "中山路", "建设路", "和平路", "新华路", "文化路", "长江路", "黄河路", "学院路", "滨江大道",
    "世纪大道", "科技园路", "春申路", "梅花路", "桂花街",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Region:
    """A district people come from; `code` is the administrative division's."""

    code: str
    city: str
    district: str


REGIONS: dict[str, tuple[Region, ...]] = {
    "SH01": (
        Region("310115", "上海市", "浦东新区"), Region("310104", "上海市", "徐汇区"),
        Region("310112", "上海市", "闵行区"), Region("310110", "上海市", "杨浦区"),
        Region("310114", "上海市", "嘉定区"), Region("310117", "上海市", "松江区"),
    ),
    "HZ01": (
        Region("330106", "杭州市", "西湖区"), Region("330108", "杭州市", "滨江区"),
        Region("330109", "杭州市", "萧山区"), Region("330110", "杭州市", "余杭区"),
    ),
    "SZ01": (
        Region("320505", "苏州市", "虎丘区"), Region("320506", "苏州市", "吴中区"),
        Region("320508", "苏州市", "姑苏区"), Region("320583", "苏州市", "昆山市"),
    ),
}  # fmt: skip


def person_name(chance: Random) -> str:
    """A Chinese name: mostly one-character surnames by their frequency, now and then a rare one."""
    if chance.random() < 0.015:
        surname = chance.choice(RARE_SURNAMES)
    else:
        surname = SURNAMES[min(int(chance.expovariate(1 / 18)), len(SURNAMES) - 1)]
    return surname + "".join(chance.choice(GIVEN) for _ in range(2 if chance.random() < 0.82 else 1))


def foreign_name(chance: Random) -> str:
    """A name in Latin letters."""
    return f"{chance.choice(FOREIGN_GIVEN)} {chance.choice(FOREIGN_SURNAMES)}"


def company_name(chance: Random, region: Region) -> str:
    """A company's full name."""
    mark = chance.choice(_COMPANY_MARKS) + (chance.choice(GIVEN) if chance.random() < 0.5 else "")
    return f"{region.city.removesuffix('市')}{mark}{chance.choice(_COMPANY_LINES)}有限公司"


def address(chance: Random, region: Region) -> str:
    """Where somebody lives or works."""
    street = f"{region.district}{chance.choice(_STREETS)}{chance.randrange(1, 1200)}号"
    return f"{street}{chance.randrange(1, 30)}幢{chance.randrange(1, 25)}{chance.randrange(1, 5):02d}室"
