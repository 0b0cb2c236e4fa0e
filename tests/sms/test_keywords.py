"""What a text means by itself: keywords as the whole message alone, in English and Spanish, and refusals in somebody's own words."""

import pytest

from business.channels.keywords import confirmation, heard, language, refuses
from business.channels.segments import encoding, plain, segments
from business.profile.faults import check
from business.profile.loader import load_profile
from business.profile.schemas import Profile

PROFILE = load_profile()

STOPS = """
STOP|stop|Stop.|STOP!|  stop  |\tstop\n|"stop"|stop 🛑|🛑🛑 STOP 🛑|stop!!!|(stop)|S T O P|STOP STOP|stop, stop, stop|STOPALL
stop all|Stop All.|UNSUBSCRIBE|unsubscribe.|CANCEL|cancel|Cancel!|END|end.|QUIT|quit|REVOKE|OPTOUT|opt-out|Opt out|OPT OUT!
stop\u00a0|ｓｔｏｐ|𝐒𝐓𝐎𝐏|Ⓢⓣⓞⓟ|QUİT|st\u200bop|s.t.o.p.|\u202estop\u202c|STOP\x00|sto\ud800p
PARAR|parar|¡Parar!|ALTO|¡ALTO!|alto 🙏|CANCELAR|cancelar.|DETENER|BAJA|baja|SALIR|Salir!
"""
STARTS = "START|start|Start!|UNSTOP|un-stop|unstop 🙂|COMENZAR|comenzar|INICIAR|¡Iniciar!|EMPEZAR"
ASSENTS = "YES|yes|Yes!|yes 👍|SI|si|Sí|¡Sí!|sí."
HELPS = "HELP|help|Help?|help!|INFO|info|AYUDA|ayuda|¿Ayuda?"
NOTHING = """
stop by at 6|Stop by the house|don't stop|please stop|stop please|we stop at 9|non-stop fun|stopping|stops|nonstop
the bus stop|cancel my booking|can you cancel?|the end|weekend|end of May|quit asking|start at 6|we start at 3|let's start
help me|can you help|info please|more info|yes please|yes, 12 people|yessir|ayuda por favor|alto al fuego|mesa alta
dar de baja|salir a comer|baja california|stop1|1|🛑|...|?|stop or go|cancel it|stop 2
"""


def cases(words: str) -> list[str]:
    return [case for line in words.strip("\n").splitlines() for case in line.split("|") if case]


class TestKeywords:
    @pytest.mark.parametrize("text", cases(STOPS))
    @pytest.mark.parametrize("stopped", [False, True])
    def test_stop(self, text: str, stopped: bool) -> None:
        assert heard(text, PROFILE, stopped) == "stop"

    @pytest.mark.parametrize("text", cases(STARTS))
    @pytest.mark.parametrize("stopped", [False, True])
    def test_start(self, text: str, stopped: bool) -> None:
        assert heard(text, PROFILE, stopped) == "start"

    @pytest.mark.parametrize("text", cases(ASSENTS))
    def test_assent_starts_a_stopped_number_and_is_an_answer_else(self, text: str) -> None:
        assert heard(text, PROFILE, True) == "start" and heard(text, PROFILE, False) is None

    @pytest.mark.parametrize("text", cases(HELPS))
    @pytest.mark.parametrize("stopped", [False, True])
    def test_help(self, text: str, stopped: bool) -> None:
        assert heard(text, PROFILE, stopped) == "help"

    @pytest.mark.parametrize("text", cases(NOTHING))
    @pytest.mark.parametrize("stopped", [False, True])
    def test_a_word_among_others_is_none(self, text: str, stopped: bool) -> None:
        assert heard(text, PROFILE, stopped) is None

    def test_every_word_of_the_carriers_is_heard(self) -> None:
        for word in ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"):
            assert heard(word, PROFILE, False) == "stop"
        assert [heard(word, PROFILE, True) for word in ("START", "UNSTOP", "YES", "HELP", "INFO")] == ["start"] * 3 + ["help"] * 2


class TestLanguage:
    @pytest.mark.parametrize("text", ["ALTO", "¡alto!", "Parar 🙏", "baja", "salir salir", "AYUDA", "¿ayuda?", "Sí", "comenzar"])
    def test_a_spanish_word_tells_it(self, text: str) -> None:
        assert language(text, PROFILE) == "es"

    @pytest.mark.parametrize("text", ["STOP", "stop all", "CANCEL", "INFO", "help", "YES", "alto al fuego", "🛑", ""])
    def test_what_everybody_is_asked_to_send_tells_none(self, text: str) -> None:
        assert language(text, PROFILE) is None

    def test_each_is_a_keyword(self) -> None:
        rules = PROFILE.messages.sms
        assert set(rules.spanish_words) < {*rules.stop_words, *rules.start_words, *rules.help_words}
        assert all(heard(word, PROFILE, True) is not None for word in rules.spanish_words)


class TestConfirmations:
    @pytest.mark.parametrize("locale", ["en", "es-MX", None])
    @pytest.mark.parametrize("keyword", ["stop", "start", "help"])
    def test_are_one_segment_with_the_business_and_a_way_on(self, keyword: str, locale: str | None) -> None:
        text = plain(confirmation(keyword, PROFILE, locale))  # type: ignore[arg-type]
        assert segments(text) == 1 and encoding(text) == "gsm7" and PROFILE.business.name in text
        assert ("START" if keyword == "stop" else "STOP") in text and "{" not in text
        assert (PROFILE.business.phone in text) is (keyword == "help")
        assert ("Responde" in text or "llama" in text) is (locale == "es-MX")

    def test_one_that_cannot_be_filled_is_no_profile(self) -> None:
        content = PROFILE.model_dump(mode="json")
        content["messages"]["sms"]["stopped"]["en"] = "{business}: see {website}"
        assert any("stopped" in str(fault) for fault in check(content).faults)

    def test_a_profile_of_before_has_the_usual_ones(self) -> None:
        content = PROFILE.model_dump(mode="json")
        for key in ("stopped", "started", "help", "start_if_stopped", "spanish_words"):
            del content["messages"]["sms"][key]
        assert confirmation("stop", Profile.model_validate(content), "en").startswith("My Hibachi")


REFUSALS = """
please stop texting me|Stop texting me|STOP TEXTING ME!!|stop sending me messages|stop sending me texts|quit texting me
please stop messaging me|stop with the texts|stop the texts|Stop these messages|stop all messages please|stop contacting me
stop spamming me|quit spamming us|stop messaging|no more texts|no more messages please|no more promos|enough with the texts
end these texts|cease all messages|don't text me|do not text me again|Don’t text me anymore|dont text this number
never text me again|please do not message me again|don't send me any more offers|do not send me texts
dont send me promotional messages|don't contact me|never contact me again|do not contact this number|I don't want these texts
i dont want any more messages|we no longer wish to receive messages|I no longer want your texts|don't need these ads
i didn't sign up for these texts|didn't ask for this spam|not interested in your offers|not interested in these messages
take me off your list|Take me off the list please|take us off this list|remove me from your list|remove my number
remove me please|get me off this list|please remove my number from your database|delete my number
remove this number from your system|take my number off your list|drop me from this list|unsubscribe me|please unsubscribe
I want to unsubscribe|unsubscribe please|unsub me|opt me out|I want to opt out|please opt out|lose my number|leave me alone
wrong number, take me off your list|no me manden más mensajes|No me mandes mas mensajes|no me envíen más textos
no me envie mensajes|no nos manden publicidad|no me escriban más|no me textees más|no me contacten|no me molesten más
dejen de escribirme|deja de mandarme mensajes|dejen de enviar mensajes|paren de mandar textos|ya no me manden mensajes
ya no me escriban|no quiero recibir mensajes|ya no quiero sus mensajes|no quiero más promociones|no quiero ofertas
no más mensajes|ya no más mensajes|basta de mensajes|quítenme de la lista|Quítame de su lista|bórrenme de la lista
wrong number|Sorry, wrong number!|I think you have the wrong number|you've got the wrong person|número equivocado
sáquenme de su lista|denme de baja|quiero darme de baja|me pueden dar de baja|déjenme en paz|borren mi número
quiten mi número|please stop|Stop please|stop it|STOP IT!!|stop now|pls stop|can you stop|I said stop!|no thanks, stop
I'm not interested. Stop.|who is this? please stop|Not for us, unsubscribe|ok stop already|por favor alto|¡Ya basta!|ya paren, por favor
I revoke my consent|I do not consent|I withdraw all consent|I never gave consent|put me on your do not call list|leave us alone
"""
KEPT = """
stop by the house|don't stop|we stop at 9|can the chef stop by at 6?|please don't stop texting me
don't stop sending me offers|never stop|stop the music at 10|does it ever stop raining|the bus stop is near us
we need to stop at the store first|stop worrying|non-stop party|take the shrimp off|remove the shrimp from my order
take two guests off the list|remove one adult|take 3 people off|remove the gyoza please|take me to the menu|get me a quote
send me a text|text me when the chef is here|can you text me the link|please message me the price|text me anytime
send me more offers|do you have any offers|any promotions this month?|I want offers|what messages do I get?
I got your message|thanks for the text|don't text my wife, it is a surprise|don't call, text me|do not call me, I'm at work
don't send the chef before 5|don't send me the bill yet|I don't want shrimp|we don't want sake|I don't need tables
I no longer want the lobster|not interested in lobster|not interested in the upgrade|cancel my booking|I want to cancel
can I cancel?|end the party at 9|quit the noodles|no more rice|no more than 12 guests|enough food for 20?|add me to your list
put me on the waiting list|take me off the waiting list|take us off the guest list|leave the grill alone outside
my number is 510 555 2368|I gave you the wrong number, it is 415 555 7009|is this the wrong number?
wrong date, sorry|delete the noodles|delete my last message|no me manden salsa picante
no me gusta el camarón|no quiero camarones|ya no quiero la langosta|no queremos postre|dejen de lado las verduras
mándame un mensaje|envíame las promociones|quiero recibir ofertas|¿tienen ofertas?|no paren de cocinar
no dejen de mandarme ofertas|la parada está cerca|quiten los camarones|quita dos personas de la reserva|borren una cena
cancelar mi reserva|quiero cancelar|no más arroz|no más de 12 personas|paren a las 9|denme un precio|la lista de invitados
stop, I meant 12 adults|wait, stop there|which bus stop|the last stop?|one more stop?|don't stop, please|quit it with the sauce
my consent form is signed|do you need permission to park?|we don't have permission for a fire|alto al fuego|para el sábado, por favor
déjenme pensar|dejen la parrilla afuera|no me llamen, mándenme mensajes
"""


class TestRefusals:
    @pytest.mark.parametrize("text", cases(REFUSALS))
    def test_heard(self, text: str) -> None:
        assert refuses(text)

    @pytest.mark.parametrize("text", cases(KEPT))
    def test_not_heard(self, text: str) -> None:
        assert not refuses(text)

    def test_above_a_signature(self) -> None:
        assert refuses("STOP\n\nSent from my phone") and refuses("\n please stop\nAna") and not refuses("Ana\nthe bus stop\n12 people")

    def test_of_a_long_text_its_beginning_and_its_end_are_read(self) -> None:
        chat = "we talk of other things " * 100
        assert refuses(f"stop texting me {chat}") and refuses(f"{chat} stop texting me") and not refuses(f"{chat} stop texting me {chat}")

    def test_long_words_take_no_time(self) -> None:
        for text in ("stop " + "the " * 2000, "no me manden " + "de " * 3000, "a" * 20_000, "stop texting" + "!" * 5000, "quitme " * 9000):
            refuses(text)
