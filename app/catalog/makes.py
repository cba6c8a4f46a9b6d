"""Chinese names and home countries of makes known by a Latin name or by a code of a data set."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MakeName:
    """A make in both languages; `country` is the ISO code of its home."""

    zh: str
    en: str
    country: str


MAKES: tuple[MakeName, ...] = (
    MakeName("讴歌", "Acura", "JP"),
    MakeName("阿尔法·罗密欧", "Alfa Romeo", "IT"),
    MakeName("AMC", "AMC", "US"),
    MakeName("阿斯顿·马丁", "Aston Martin", "GB"),
    MakeName("奥迪", "Audi", "DE"),
    MakeName("宾利", "Bentley", "GB"),
    MakeName("宝马", "BMW", "DE"),
    MakeName("布加迪", "Bugatti", "FR"),
    MakeName("别克", "Buick", "US"),
    MakeName("凯迪拉克", "Cadillac", "US"),
    MakeName("雪佛兰", "Chevrolet", "US"),
    MakeName("克莱斯勒", "Chrysler", "US"),
    MakeName("达特桑", "Datsun", "JP"),
    MakeName("道奇", "Dodge", "US"),
    MakeName("鹰", "Eagle", "US"),
    MakeName("法拉利", "Ferrari", "IT"),
    MakeName("菲亚特", "Fiat", "IT"),
    MakeName("福特", "Ford", "US"),
    MakeName("捷尼赛思", "Genesis", "KR"),
    MakeName("Geo", "Geo", "US"),
    MakeName("GMC", "GMC", "US"),
    MakeName("本田", "Honda", "JP"),
    MakeName("现代", "Hyundai", "KR"),
    MakeName("帝国", "Imperial", "US"),
    MakeName("英菲尼迪", "Infiniti", "JP"),
    MakeName("五十铃", "Isuzu", "JP"),
    MakeName("捷豹", "Jaguar", "GB"),
    MakeName("吉普", "Jeep", "US"),
    MakeName("起亚", "Kia", "KR"),
    MakeName("兰博基尼", "Lamborghini", "IT"),
    MakeName("路虎", "Land Rover", "GB"),
    MakeName("雷克萨斯", "Lexus", "JP"),
    MakeName("林肯", "Lincoln", "US"),
    MakeName("路特斯", "Lotus", "GB"),
    MakeName("玛莎拉蒂", "Maserati", "IT"),
    MakeName("马自达", "Mazda", "JP"),
    MakeName("奔驰", "Mercedes-Benz", "DE"),
    MakeName("水星", "Mercury", "US"),
    MakeName("MINI", "MINI", "GB"),
    MakeName("三菱", "Mitsubishi", "JP"),
    MakeName("日产", "Nissan", "JP"),
    MakeName("奥兹莫比尔", "Oldsmobile", "US"),
    MakeName("欧宝", "Opel", "DE"),
    MakeName("标致", "Peugeot", "FR"),
    MakeName("普利茅斯", "Plymouth", "US"),
    MakeName("庞蒂亚克", "Pontiac", "US"),
    MakeName("保时捷", "Porsche", "DE"),
    MakeName("公羊", "RAM", "US"),
    MakeName("雷诺", "Renault", "FR"),
    MakeName("劳斯莱斯", "Rolls-Royce", "GB"),
    MakeName("萨博", "Saab", "SE"),
    MakeName("土星", "Saturn", "US"),
    MakeName("斯巴鲁", "Subaru", "JP"),
    MakeName("丰田", "Toyota", "JP"),
    MakeName("大众", "Volkswagen", "DE"),
    MakeName("沃尔沃", "Volvo", "SE"),
    MakeName("尤戈", "Yugo", "RS"),
)

_BY_ENGLISH = {make.en.casefold(): make for make in MAKES}
_LONGER_NAMES = {
    "aston martin lagonda ltd": "aston martin", "ferrari north america, inc.": "ferrari",
    "hyundai motor company": "hyundai", "kia motors corporation": "kia", "lotus cars ltd": "lotus",
    "mitsubishi motors corporation": "mitsubishi", "rolls-royce motor cars limited": "rolls-royce",
    "volvo cars of north america, llc": "volvo",
}  # fmt: skip


def make_named(name: str) -> MakeName:
    """The make with this English name, however registered; an unknown one keeps its name in both languages."""
    plain = name.strip().casefold()
    known = _BY_ENGLISH.get(_LONGER_NAMES.get(plain, plain))
    return known or MakeName(name.strip(), name.strip(), "")
