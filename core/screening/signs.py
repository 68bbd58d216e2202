"""Signs that a sentence gives orders to a model: the families of the lists beside it as patterns, and marks of
conversations.

Every gap is bounded, so time grows with the length of a text and no faster. Refuses to know documents and to count:
`core/screening/instructions.py` does.
"""

import re
from collections.abc import Iterator
from pathlib import Path

_FOLDER = Path(__file__).parent
_SHAPES = (("_", " "), ("*", r"\w*"), ("+", "(?:те)?"), ("ё", "е"))


class SignLanguage:
    """The small language of `signs.txt`, which explains itself there."""

    def __init__(self) -> None:
        self.signs: list[tuple[str, int, re.Pattern[str]]] = []
        self._words: dict[str, str] = {}
        self._sequences: dict[str, list[str]] = {}

    def read(self, text: str) -> None:
        for entry in _entries(text):
            name, mark, rest = entry.split(" ", 2)
            if mark == "=":
                self._words[name] = rest
            elif mark == "~":
                self._sequences.setdefault(name, []).append(self._sequence(rest))
            else:
                self.signs.append((name, int(mark.rstrip(":")), re.compile(self._sequence(rest))))

    def _sequence(self, text: str) -> str:
        return "".join(map(self._part, text.split()))

    def _part(self, part: str) -> str:
        if part[0] == "…":
            return rf"(?:\S+ ){{0,{part[1:]}}}?"
        if part[0] == "/":
            return f"{part[1:-1]} "
        if part in self._sequences:
            return f"(?:{'|'.join(self._sequences[part])})"
        if part[0] == "!":
            return f"(?!{self._any_of(part[1:])})"
        if part.endswith("?"):
            return f"(?:{self._any_of(part[:-1])})?"
        if part.endswith("{3}"):
            return f"(?:{self._any_of(part[:-3])}){{0,3}}"
        return self._any_of(part)

    def _any_of(self, words: str) -> str:
        found = [inner for word in words.split("|") for inner in self._words.get(word, word).split("|")]
        for mark, shape in _SHAPES:
            found = [word.replace(mark, shape) for word in found]
        whole = rf"\b(?:{'|'.join(word for word in found if word != ',')}) "
        return f"(?:, |{whole})" if "," in found else whole


def _entries(text: str) -> Iterator[str]:
    """Lines with the indented ones that go on with them; a word list may break after its `|`."""
    entry = ""
    for line in text.splitlines():
        if line.startswith(" "):
            entry += line.strip() if entry.endswith("|") else f" {line.strip()}"
        else:
            if entry:
                yield entry
            entry = "" if line.startswith("#") else line.strip()
    if entry:
        yield entry


Signs = tuple[tuple[str, int, re.Pattern[str]], ...]


def _read(name: str) -> Signs:
    language = SignLanguage()
    language.read((_FOLDER / name).read_text(encoding="utf-8"))
    return tuple(language.signs)


SIGNS = _read("signs.txt")
"""(name, points, pattern over bare words), in Russian and English."""
SIGNS_ELSEWHERE = _read("signs_elsewhere.txt")
"""The same in other languages, for sentences that `WORTH_A_LOOK_ELSEWHERE` sees something in."""
MARKERS = re.compile(
    r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|begin_of_text)[^>\n]{0,20}\|?>"
    r"|\[/?INST\]|<</?SYS>>|</?(?:system|assistant|thinking|instructions?|system_prompt)>"
    r"|(?<!#)#{2,}+\s*+(?:system|instructions?|human|assistant|response|new instructions?|end of [a-z ]{3,20}"
    r"|конец [а-я ]{3,20})\b\s*(?::|#)"
    r"|(?:(?<!-)-{3,}+|(?<!=)={3,}+|(?<!#)#{3,}+)\s*+(?:end|begin|конец|начало)(?: of)? [a-zа-я ]{3,30}\s*"
    r"(?:-{3,}|={3,}|#{3,})"
    r"|\[(?:system|система)\]",
    re.IGNORECASE,
)
"""Marks of a conversation with a model. Two points each."""
SPEAKER = re.compile(
    r"(?:^|[.:;!?]\s)\W{0,5}(?:(?:IMPORTANT |ВАЖНО[:,]? )?(?:SYSTEM|СИСТЕМ\w{0,5})"
    r"(?: (?:NOTE|MESSAGE|PROMPT|OVERRIDE|UPDATE|СООБЩЕНИЕ|ЗАМЕТКА|ПРОМПТ))?"
    r"|OVERRIDE|(?i:system (?:note|prompt|override|update|instruction)"
    r"|системн(?:ое|ая|ый) (?:сообщение|заметка|промпт|инструкция)"
    r"|system(?:hinweis|nachricht|anweisung|meldung)|(?:nota|mensaje|aviso|instrucción|mensagem|messaggio|avviso) "
    r"(?:del?|di|do) sistema|(?:note|message|consigne|instruction) (?:du )?système)"
    r"|(?i:[\w ]{0,30}\((?:assistant|ai|model|system|bot|ассистент|модель|ии)\))"
    r"|(?:system|assistant|система|ассистент)(?=:))\s{0,3}[:—-]"
)
"""A line that claims to come from the system or the assistant. One point."""
WORTH_A_LOOK = re.compile(
    r"\b(?:answer|respon[ds]|repl(?:y|ies)|output|completion|ignor|disregard|forget|overrid|bypass|neglect|discard"
    r"|overlook|disobey|instruct|prompt|directive|guideline|assistant|chatbot|bots?\b|ais?\b|llm|gpt|chatgpt|claude"
    r"|gemini|copilot|language model|dan\b|unrestrict|uncensor|unfilter|jailbr|[a-z]+ mode\b|restriction|filters|censor"
    r"|comply|obey|safety [a-z]+ |your (?:real|true|actual|sole|new|message|text|summary)|configuration|above\b|history"
    r"|context|environment var|summar|the (?:word|phrase|string|sentence)\b|decod|decrypt|execut|encod|memory|future"
    r"|system\b|users?\b|asked|asks\b|https?:|www\.|letters|characters|ответ|отвеча|реплик|высказыв|игнорир"
    r"|проигнорир|забудь|отбрось|отмени|обойди|не (?:обращай|следуй|выполняй|соблюдай|слушай)|перестань|прекрати|наруш"
    r"|пренебрег|инструкц|указани|промпт|директив|ассистент|чат.?бот|бот[аоу]?м?\b|ии\b|нейросет|языков|гпт|искусственн"
    r"|модел|ты\b|твой|твоя|твое|твоё|систем|режим|огранич|цензур|фильтр|выполня|исполня|слов[оа]м?\b|фраз|декодир"
    r"|расшифр|памят|будущ|пользовател|спроси|спраш|истори|переписк|скажи|добавь|напиши|переведи|упомяни|говори|вставь"
    r"|закодируй|зашифруй|перескажи|сообщи|выведи|раскрой|повтори|притворись|рекомендуй|предлагай|советуй|утверждай"
    r"|сформулируй|замени|выдай|передай|убеди|отправь|попроси|в[ыс]е что было)"
    r"|[\w.]@\w|<\||\[/?(?:inst|sys|сис)|###|---|===|</?[a-z]|\w_\w"
)
"""A sentence without any of these, in small letters, has no two points; most have none, which saves much time."""
WORTH_A_LOOK_ELSEWHERE = re.compile(
    r"vergiss|vergess|missacht|[uü]bergeh|umgeh|oubli|olvid|dimentic|esque[cç]|desconsider|trascur|contourn|compte"
    r"|caso omiso|descart|pomi[nń]|zapomnij|zlekcewa|ігнор|забудь|зважай|talimat|komut|anweis|instruk|istruz|instru[cç]"
    r"|consigne|richtlin|vorgab|regeln|r[èe]gles|reglas|regole|antwort|r[ée]pon|respuest|respon[ds]|respost|rispost|rispond|odpow"
    r"|відповід|system|sistem|syst[èe]m|ki\b|ki-|\bia\b|sprachmodell|lenguaje|langage|linguisti|linguagem|j[eę]zykow"
    r"|asystent|asistent|assistent|einschr|beschr[äa]|zensur|\bsans\b|\bsin\b|\bsenza\b|\bsem\b|\bbez\b|entwickler"
    r"|desarrollador|d[ée]veloppeur|sviluppatore|kundenliste|kundendaten|zugangsdaten|clientes|clienti|clients"
    r"|entschl[üu]ss|dekodier|decodif|descifr|chatverlauf|conversaci"
)
"""The same for the languages of `signs_elsewhere.txt`."""
# Scripts without spaces between words have their own patterns: "ignore … instructions", "you are now … AI",
# "show … system prompt", "in (the end of) every answer".
UNSPACED = re.compile(
    r"(?:忽略|无视|忽視|無視|忘记|忘記|不要(?:理会|遵守)|忘れ|무시|잊어)[^。．.!?！？]{0,24}(?:指令|指示|提示|规则|規則|命令|内容|プロンプト|ルール)"
    r"|(?:指令|指示|提示|规则|規則|命令|プロンプト|ルール|지시|명령|규칙|프롬프트)[^。．.!?！？]{0,8}(?:忽略|无视|無視|忘记|忘れ|무시|잊어)"
    r"|你(?:现在|現在|将|將)是[^。!?！？]{0,16}(?:AI|人工智能|模型|助手|机器人|機器人)"
    r"|あなたは(?:今|これ)から|지금부터 (?:너는|당신은)"
    r"|(?:显示|顯示|告诉|告訴|透露|重复|重複|输出|輸出|泄露)[^。!?！？]{0,10}(?:系统提示|系統提示|提示词|提示詞|系统指令|你的指令)"
    r"|(?:システムプロンプト|시스템 프롬프트)[^。.!?！？]{0,12}(?:表示|教え|出力|見せ|보여|알려|출력)"
    r"|(?:在|于)?(?:你的|您的|每个|每個|每次|所有)(?:回答|回复|回復|答案)(?:的)?(?:中|里|裡|末尾|结尾|結尾|开头|開頭|最后)"
    r"|(?:すべて|全て|毎回)の?(?:回答|返答)の?(?:最後|末尾|冒頭|中)",
    re.IGNORECASE,
)
"""Orders in Chinese, Japanese and Korean. Two points each."""
MACHINE_TALK = re.compile(
    r"\b(?:en|de)?(?:coded|crypted)\b|\bbase(?:32|64|85)\b|\b(?:hex|binary|session|token|prompt|payload|metadata|logging"
    r"|summary|summari[sz]\w+|conversation|developer|system message|compromised|reasoning|assistant|agents?|archiv\w+"
    r"|export files|processing|this task|without asking|proceed)\b|\w_\w|закодирован|зашифрован|сесси[яию]|токен|промпт"
    r"|метаданн|сводк|диалог|разработчик|системн|ассистент|обработк|\bsitzung|\bzusammenfassung|\bséance|\bsesión"
    r"|\bresumen\b|\brésumé\b|\briassunto\b",
    re.IGNORECASE,
)
"""What leads up to an order: nothing by itself, and common in texts about machines."""
DISGUISED = re.compile(
    r"[a-zA-Z][а-яА-ЯёЁ]|[а-яА-ЯёЁ][a-zA-Z]|[a-zA-Z][01345789@$][a-zA-Z]|(?:\b\w[ .*_-]){4}|[A-Za-z0-9+/]{24}"
    r"|%[0-9A-Fa-f]{2}|[^\x00-\u04ff\u2000-\u206f\u20a0-\u27ff]"
)
"""Letters that may say something else than they seem to."""
