"""The site of a small shop, as such sites are: a menu, a front page, prices, delivery, questions, contacts."""

from tests.web_site import WebSite

MENUS = {
    "en": {"/": "Home", "/prices": "Prices", "/delivery": "Delivery", "/faq": "Questions", "/contacts": "Contacts"},
    "ru": {"/": "Главная", "/prices": "Цены", "/delivery": "Доставка", "/faq": "Вопросы", "/contacts": "Контакты"},
}
NAMES = {"en": "Copper Kettle", "ru": "Медный чайник"}
TITLES = {"en": "tea and kettles", "ru": "чай и чайники"}
PAGES = {
    "en": {
        "/": """<h1>Tea and kettles in the old town</h1>
<p>Copper Kettle is a small shop for tea, kettles and teapots. We choose every tea ourselves and let you taste it.</p>
<p>Come in, or order on the site: parcels leave us every working day.</p>""",
        "/prices": """<h1>Prices</h1><p>All prices include tax.</p>
<table><tr><th>Product</th><th>Price</th><th>In stock</th></tr>
<tr><td>Copper kettle, 1 litre</td><td>€89</td><td>yes</td></tr>
<tr><td>Cast-iron teapot</td><td>€64</td><td>yes</td></tr>
<tr><td>Green tea, 100 g</td><td>€9</td><td>yes</td></tr></table>
<h2>Repairs</h2><p>We re-tin copper kettles in our own workshop. Re-tinning costs €25 and takes 10 working days.</p>""",
        "/delivery": """<h1>Delivery and returns</h1>
<h2>Delivery</h2><p>Delivery within Ireland costs €6 and takes 2 to 3 working days. From €60 it is free.</p>
<h2>Collection</h2><p>You can collect your order from the shop free of charge. We keep it for 7 days.</p>
<h2>Returns</h2><p>You may return anything unused within 30 days of receiving it. Opened tea cannot be returned.</p>""",
        "/faq": """<h1>Questions and answers</h1>
<h3>Do you wrap presents?</h3><p>Yes, in linen cloth with a ribbon, for €3 a present.</p>
<h3>Is your tea organic?</h3><p>All our green and herbal teas are certified organic.</p>
<h3>Can I come with my dog?</h3><p>Dogs are welcome, on a lead. There is a bowl of water at the door.</p>""",
        "/contacts": """<h1>Contacts</h1><p>12 Mill Lane, Lindenford, two minutes from the railway station.</p>
<p>We are open Tuesday to Friday from 10:00 to 19:00, Saturday from 10:00 to 17:00.</p>
<p>Telephone: +353 20 912 0142. E-mail: hello@copperkettle.example.</p>""",
    },
    "ru": {
        "/": """<h1>Чай и чайники в старом городе</h1>
<p>«Медный чайник» — небольшой магазин чая, чайников и заварников. Каждый чай мы выбираем сами и даём попробовать.</p>
<p>Приходите или заказывайте на сайте: посылки уезжают каждый рабочий день.</p>""",
        "/prices": """<h1>Цены</h1><p>Цены указаны с налогом.</p>
<table><tr><th>Товар</th><th>Цена</th><th>Наличие</th></tr>
<tr><td>Медный чайник, 1 литр</td><td>8900 ₽</td><td>есть</td></tr>
<tr><td>Чугунный заварник</td><td>6400 ₽</td><td>есть</td></tr>
<tr><td>Зелёный чай, 100 г</td><td>900 ₽</td><td>есть</td></tr></table>
<h2>Ремонт</h2><p>Мы заново лудим медные чайники в своей мастерской.
Лужение стоит 2500 рублей и занимает 10 дней.</p>""",
        "/delivery": """<h1>Доставка и возврат</h1>
<h2>Доставка</h2><p>Доставка по городу стоит 300 рублей и занимает 1–2 дня. От 5000 рублей — бесплатно.</p>
<h2>Самовывоз</h2><p>Забрать заказ из магазина можно бесплатно. Мы храним его 7 дней.</p>
<h2>Возврат</h2><p>Вернуть можно любой неиспользованный товар в течение 30 дней. Вскрытый чай вернуть нельзя.</p>""",
        "/faq": """<h1>Вопросы и ответы</h1>
<h3>Упаковываете ли вы подарки?</h3><p>Да, в льняную ткань с лентой, 200 рублей за подарок.</p>
<h3>Ваш чай органический?</h3><p>Все зелёные и травяные чаи имеют органический сертификат.</p>
<h3>Можно ли прийти с собакой?</h3><p>Да, с собаками на поводке мы рады. У двери стоит миска с водой.</p>""",
        "/contacts": """<h1>Контакты</h1><p>Адрес: улица Мельничная, 12, две минуты пешком от вокзала.</p>
<p>Мы открыты со вторника по пятницу с 10:00 до 19:00, в субботу с 10:00 до 17:00.</p>
<p>Телефон: +7 495 123-45-67. Почта: hello@copperkettle.example.</p>""",
    },
}


def lay_out(web: WebSite, language: str) -> WebSite:
    """All its pages; the same web site again."""
    menu = "".join(f'<li><a href="{path}">{label}</a></li>' for path, label in MENUS[language].items())
    name = NAMES[language]
    for path, body in PAGES[language].items():
        own = TITLES[language] if path == "/" else MENUS[language][path]
        page = (
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{own} | {name}</title>'
            f'<meta property="og:site_name" content="{name}"></head><body><nav><ul>{menu}</ul></nav>'
            f"<main>{body}</main><footer>© 2026 {name}</footer></body></html>"
        )
        web.sends(path, page.encode(), "text/html; charset=utf-8")
    return web
