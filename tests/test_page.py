"""The live page in a real browser, before a real daemon."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from websockets.asyncio.client import ClientConnection, connect

from tests.harness.browser import Visit, chromium
from tests.harness.daemon import DaemonProcess, folders, status
from tests.harness.ireal import link, tune
from tests.harness.jack import eventually

# Machines that test are busy.
expect.set_options(timeout=20_000)
MUSIC = ("--api", "none", "--tempo", "200", "--count-in", "0")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture(scope="module")
def shared_address() -> str:
    return free_address()


@pytest.fixture(scope="module")
def shared_jam(
    tmp_path_factory: pytest.TempPathFactory, shared_address: str
) -> Iterator[DaemonProcess]:
    """For those who only listen and play along: it is neither steered nor ended."""
    place = tmp_path_factory.mktemp("shared")
    with DaemonProcess(*MUSIC, "--web", shared_address, cwd=place) as jam:
        jam.wait_for_beats(2)
        yield jam
    assert jam.errors.read_text() == ""


@pytest.fixture
def listener(browser: Browser, shared_jam: DaemonProcess, shared_address: str) -> Iterator[Visit]:
    yield from opened(browser, shared_address)


@pytest.fixture
def address() -> str:
    return free_address()


@pytest.fixture
def jam(tmp_path: Path, address: str) -> Iterator[DaemonProcess]:
    with DaemonProcess(*MUSIC, "--web", address, cwd=tmp_path) as jam:
        jam.wait_for_beats(2)
        yield jam
    assert jam.errors.read_text() == ""


@pytest.fixture
def visit(browser: Browser, jam: DaemonProcess, address: str) -> Iterator[Visit]:
    yield from opened(browser, address)


# What a test that steers begins with, whatever was steered before it.
AS_AT_FIRST = ("band off", "mode solo", "mode follow", "chart blues-in-f", "tempo 200")


@pytest.fixture(scope="module")
def steered_jam(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[DaemonProcess, str, Path]]:
    """For those who steer and do not end it: the daemon, its address, its folder."""
    place, address = tmp_path_factory.mktemp("steered"), free_address()
    with DaemonProcess(*MUSIC, "--web", address, cwd=place) as jam:
        jam.wait_for_beats(2)
        yield jam, address, place
    assert jam.errors.read_text() == ""


@pytest.fixture
def steered(
    browser: Browser, steered_jam: tuple[DaemonProcess, str, Path]
) -> Iterator[tuple[Visit, DaemonProcess, Path]]:
    """A page that steers, the daemon as it was at first, and its folder."""
    jam, address, place = steered_jam
    for visit in opened(browser, address):
        for text in AS_AT_FIRST:
            order(visit, text)
        jam.wait_for_beats(len(jam.beats) + 5)  # into the next bar
        yield visit, jam, place


def opened(browser: Browser, address: str) -> Iterator[Visit]:
    visit = Visit(browser, f"http://{address}/")
    visit.sees("improvd.link.clock.known && improvd.band.time")
    yield visit
    visit.close()


def listen(visit: Visit) -> None:
    visit.page.click("#listen")
    visit.sees(
        "improvd.sound.isOn && improvd.sound.buffers.size > 20 && improvd.link.clock.settled"
    )


# The last lamp of a bar, as large as it gets.
LAMP_KEEPS_CLEAR = """(() => {
  const lamp = document.querySelector("#pulse i:last-child.on")?.getBoundingClientRect();
  const word = document.getElementById("turn").getBoundingClientRect();
  const before = document.querySelector("#pulse i:nth-last-child(2)").getBoundingClientRect();
  const large = lamp?.width > 1.2 * before.width;
  return large && before.right < lamp.left && lamp.right + 18 < word.left;
})()"""


def test_it_loads_under_its_policy_without_an_error_and_goes_with_the_music(listener):
    listener.sees("document.querySelector('#bars [aria-current]')")
    expect(listener.page.locator("#turn")).to_have_text("improvd")
    assert listener.page.locator("#bars li").count() == 12
    assert listener.page.locator(".figure").count() == 10
    listener.sees("improvd.mind.thought && improvd.mind.counted > 4")
    listener.page.click("#view-stand")
    expect(listener.page.locator("#roll")).not_to_be_visible()
    expect(listener.page.locator("#bars")).to_be_visible()
    listener.sees(LAMP_KEEPS_CLEAR)
    assert listener.errors == []


def test_it_is_heard_and_every_note_comes_as_late_as_the_others(listener):
    listen(listener)
    listener.page.evaluate(
        """() => {
          const { analyser } = improvd.sound;
          const wave = new Float32Array(analyser.fftSize);
          window.loudest = 0;
          setInterval(() => {
            analyser.getFloatTimeDomainData(wave);
            window.loudest = Math.max(window.loudest, ...wave.map(Math.abs));
          }, 20);
        }"""
    )
    listener.sees("window.loudest > 0.02")
    # Where notes come too late, on a busy machine, the delay grows; else they are even.
    even = """improvd.band.notes.filter((note) => note.sound && note.sent && !note.late)
      .map((note) => note.sound.at * 1000 - note.starts - note.delay)"""
    listener.sees(f"({even}).length >= 12", 40)
    lead = listener.page.evaluate(even)
    assert max(lead) - min(lead) < 5
    assert listener.errors == []


CLOCK = """async () => {
  const { Clock } = await import("/clock.js");
  const clock = new Clock();
  const seen = [];
  const ask = (at, there, back, ahead = 1e6) => {
    clock.exchanged(at, at + there + ahead, at + there + back);
    seen.push(clock.theirs(0));
  };
  for (let n = 0; n < 10; n++) ask(n * 80, 1, 1);
  TOLD
  return seen;
}"""


def told(visit: Visit, exchanges: str) -> list[float]:
    """How far ahead the service's clock is taken to be, after each exchange."""
    return visit.page.evaluate(CLOCK.replace("TOLD", exchanges))


def test_a_slow_exchange_of_stamps_moves_no_note(listener):
    slow = "for (let n = 1; n < 50; n++) ask(n * 2000, n % 9 ? 30 + 3 * n : 1, 1);"
    assert max(abs(ahead - 1e6) for ahead in told(listener, slow)) < 0.01
    loading = "clock.forget(); ask(0, 150, 2); ask(100, 50, 1); ask(300, 1, 1); ask(500, 40, 1);"
    assert told(listener, loading)[-1] == pytest.approx(1e6, abs=0.01)
    assert not listener.page.evaluate(CLOCK.replace("TOLD", loading + "return clock.settled;"))
    # An hour of two crystals that are 30 millionths apart.
    drifts = "for (let n = 1; n < 1800; n++) ask(n * 2000, 1 + (n % 5) * 4, 1, 1e6 + n * 0.06);"
    ahead = told(listener, drifts)
    steps = [after - before for before, after in pairwise(ahead)]
    assert max(map(abs, steps)) <= 0.5
    assert abs(ahead[-1] - (1e6 + 1799 * 0.06)) < 1
    # A clock stood still in a sleep, and the connection lived on.
    asleep = "ask(2000, 1, 1); ask(4000, 1, 1, 1e6 + 60000);"
    assert told(listener, asleep)[-1] == pytest.approx(1e6 + 60000, abs=0.01)


def test_the_delay_grows_for_late_notes_at_once_and_is_given_back_unheard(listener):
    """Each frame is told of a chord, so early (in milliseconds) for a delay of nothing."""
    delays = listener.page.evaluate(
        """async () => {
          const { Band } = await import("/band.js");
          const clock = { theirs: (ours) => ours, ours: (theirs) => theirs, settled: true };
          const sound = {
            isOn: true, context: { currentTime: 0 }, when: (ours) => ours / 1000,
            play: () => ({ end() {}, cut() {} }), silence() {},
          };
          const band = new Band(clock, sound);
          const early = [...Array(20).fill(-40), -60, ...Array(14).fill(-40), -130, -120];
          return [...early, ...Array(600).fill(30)].map((starts, frame) => {
            const note = (pitch) => [`${frame}.${pitch}`, starts, starts + 9, 1, pitch, 90];
            const chord = [60, 64, 67].map(note);
            band.due({ notes: chord, ends: [] });
            const [first, ...others] = band.notes.slice(-3).map((note) => note.delay);
            return others.every((delay) => delay === first) ? first : null;
          });
        }"""
    )
    assert None not in delays, "a chord sounds together"
    steps = [after - before for before, after in pairwise(delays)]
    assert set(delays[:35]) == {60}, "one frame that was held up changes nothing"
    assert [round(step) for step in steps if step > 0] == [75]
    assert min(steps) == -0.5
    assert delays[-1] < 60


def test_the_audio_clock_is_followed_in_steps_that_nobody_hears(listener):
    """It moves on by buffers of 10 ms, of which some are late and some come at once."""
    leads = listener.page.evaluate(
        """async () => {
          const { AudioClock } = await import("/clock.js");
          const clock = new AudioClock();
          let seed = 1;
          const chance = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
          const leads = [];
          let now = 0;
          for (let look = 0; look < 3000; look++) {
            now += look < 30 ? 0.004 : 0.083 * (1 + chance() / 5);
            const stumble = look > 30 && chance() < 0.06 ? (chance() < 0.5 ? 1 : -2) : 0;
            clock.seen(50 + (Math.floor(now / 0.01) + stumble) * 0.01, now);
            leads.push(clock.theirs(0));
          }
          return leads.slice(30);
        }"""
    )
    assert max(leads) - min(leads) < 0.002
    assert min(leads) > 49.997
    assert max(leads) <= 50.001
    steps = [after - before for before, after in pairwise(leads)]
    assert max(map(abs, steps)) < 5.1e-5


def test_what_is_scheduled_is_in_the_sound_when_it_was_due(listener):
    """Rendered without a clock: the onsets in the samples are where they were asked for."""
    voices = [["drums", 37], ["improvd", 72], ["you", 60], ["bass", 40]]
    rendered = listener.page.evaluate(
        """async (voices) => {
          const { Sound } = await import("/sound.js");
          const due = [0.5, 1.25, 2.1, 2.83, 3.7];
          const found = [];
          let buffers = null;
          for (const [voice, pitch] of voices) {
            const context = new OfflineAudioContext(1, 4.5 * 44100, 44100);
            context.resume = async () => {};
            const sound = new Sound(() => context);
            sound.buffers = buffers ?? sound.buffers; // read and decoded once
            await sound.start();
            buffers = sound.buffers;
            await sound.set("click", { muted: false });
            for (const at of due) sound.play(voice, pitch, 100, at, at + 0.1);
            const samples = (await context.startRendering()).getChannelData(0).map(Math.abs);
            found.push(due.map((at) => {
              const from = Math.round(at * 44100);
              const note = samples.slice(from, from + 13230);
              const before = Math.max(...samples.slice(from - 441, from));
              const peak = Math.max(...note);
              return [before / peak, note.findIndex((now) => now > 0.6 * peak) / 44.1];
            }));
          }
          return found;
        }""",
        voices,
    )
    for found in rendered:
        assert max(before for before, _ in found) < 0.3, "nothing sounds before it is due"
        onsets = [onset for _, onset in found]
        assert max(onsets) - min(onsets) < 5
        assert max(onsets) < 60


def test_what_a_sleeping_tab_missed_is_not_played_late(listener):
    listen(listener)
    missed = listener.page.evaluate(
        """() => {
          const { band, sound } = improvd;
          const then = band.now - 4000;
          const delay = band.delay;
          const late = [0, 1, 2].map((n) => [`late${n}`, then + n, then + n + 99, 0, 30 + n, 99]);
          band.due({ ...band.time, notes: late, ends: [] });
          band.heard([[then, [0x90, 33, 99], 99]], 1);
          const found = band.notes.filter((note) => note.pitch < 34);
          return [found.length, found.filter((note) => note.sound).length, band.delay - delay];
        }"""
    )
    assert missed == [4, 0, 0]


def test_a_typed_key_becomes_the_next_x(steered):
    visit, jam, _ = steered
    before = len(jam.beats)
    visit.page.keyboard.press("Escape")
    order(visit, "mode answer")
    visit.page.keyboard.down("t")
    expect(visit.page.locator("#heard")).to_contain_text("G4")
    visit.page.keyboard.up("t")
    eventually(lambda: any("G4" in (b[5] or "") for b in jam.beats[before:]), "the musician's note")
    assert visit.errors == []


def test_a_key_on_the_screen_is_played_with_a_finger_and_let_go(
    browser, shared_jam, shared_address
):
    phone = Visit(
        browser, f"http://{shared_address}/", has_touch=True, viewport={"width": 390, "height": 800}
    )
    phone.sees("improvd.link.clock.known")
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.page.locator('.key[data-pitch="52"]').tap()
    eventually(
        lambda: any("E3" in (beat[5] or "") for beat in shared_jam.beats), "the finger's note"
    )
    phone.sees("improvd.band.held.size === 0")
    assert phone.errors == []
    phone.close()


def order(visit: Visit, text: str) -> None:
    visit.page.evaluate("(text) => improvd.link.order(text)", text)


def test_what_is_steered_on_the_page_takes_effect(steered):
    visit, jam, place = steered
    page = visit.page
    page.click('[data-order="tempo +5"]')
    expect(page.locator("#said")).to_have_text("205 beats per minute.")
    assert status(place)["bpm"] == pytest.approx(205, abs=0.01)
    page.click('[data-order="turn listen"]')
    expect(page.locator("#turn")).to_have_text("you")
    eventually(lambda: jam.beats[-1][4] == "your turn", "listening")
    page.fill("#trade", "2")
    page.click('[data-mode="trade"]')
    expect(page.locator('[data-mode="trade"]')).to_have_attribute("aria-pressed", "true")
    assert status(place)["mode"] == "trade 2"
    page.fill("#chart-text", "| Dm7 | Hx9 | G7 |")
    expect(page.locator("#chart-marks .wrong")).to_have_text("Hx9")
    expect(page.locator("#chart-said")).to_contain_text("bar 2: cannot read the chord 'Hx9'")
    expect(page.locator("#chart-apply")).to_be_disabled()
    page.fill("#chart-text", "| Ebm7 | Ab7 |")
    page.click("#chart-apply")
    expect(page.locator("#bars li")).to_have_count(2)
    eventually(lambda: jam.beats[-1][3] in ("Ebm7", "Ab7"), "the new chords")
    page.click("#more summary")
    page.fill("#order", "swing 62")
    page.press("#order", "Enter")
    expect(page.locator("#said")).to_contain_text("Swing 62.")
    assert visit.errors == []


def test_the_band_is_steered_by_its_rows(steered):
    visit, jam, place = steered
    page = visit.page
    rows = page.locator("#lineup .voice")
    expect(rows).to_have_count(3)
    expect(page.locator('.legend [data-voice="bass"]')).to_be_hidden()
    page.click('[data-name="bass"] .who')
    expect(page.locator('[data-name="bass"] .who')).to_have_attribute("aria-pressed", "true")
    expect(rows).to_have_count(4)
    expect(page.locator('.legend [data-voice="bass"]')).to_be_visible()
    page.focus('[data-name="drums"] .who')
    page.keyboard.press("Enter")
    expect(page.locator('[data-name="drums"] .who')).to_have_attribute("aria-pressed", "true")
    visit.sees("improvd.band.notes.some((note) => note.voice === 'bass')")
    visit.sees("improvd.band.notes.some((note) => note.voice === 'drums')")
    page.select_option("#feel", "bossa")
    expect(page.locator("#facts")).to_contain_text("bossa")
    page.click('[data-name="bass"] button:has-text("solo")')
    expect(page.locator("#said")).to_have_text("Without a sound: soloist, drums.")
    solo = page.locator('[data-name="bass"] button:has-text("solo")')
    expect(solo).to_have_attribute("aria-pressed", "true")
    mute = page.locator('[data-name="drums"] button:has-text("mute")')
    expect(mute).to_have_attribute("aria-pressed", "true")
    page.focus('[data-name="bass"] input')
    page.keyboard.press("ArrowRight")
    expect(page.locator("#said")).to_contain_text("Bass level 81.")
    page.click('[data-order="transpose +1"]')
    eventually(lambda: jam.beats[-1][3] in ("F#7", "Gb7"), "the next key")
    now = status(place)
    assert [(v["name"], v["aloud"]) for v in now["voices"]] == [
        ("soloist", False), ("bass", True), ("drums", False),
    ]  # fmt: skip
    assert (now["feel"], now["voices"][1]["level"]) == ("bossa", 81)
    assert visit.errors == []


PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const what = { clipboardData: data, bubbles: true, cancelable: true };
  const event = new ClipboardEvent("paste", what);
  document.getElementById("chart-text").dispatchEvent(event);
}"""
DROP = """([text, name]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
  document.getElementById("roll").dispatchEvent(event);
}"""


def test_a_link_of_ireal_pro_is_pasted_and_a_list_of_tunes_dropped(listener):
    page = listener.page
    page.evaluate(PASTE, link(tune("T44C^7 |A-7 |D-7 |G7 Z", "Somebody's Own")))
    chart = page.locator("#chart-text")
    expect(chart).to_have_value(re.compile("Somebody's Own.*Cmaj7", re.DOTALL))
    expect(page.locator("#chart-apply")).to_be_enabled()
    expect(page.locator("#tunes-box")).to_be_hidden()
    tunes = [
        tune("T44C7 |F7 Z", "One"),
        tune("T34G-7 |C7 |F^7 Z", "Two"),
        tune("T44Bb7 Z", "Three"),
    ]
    page.evaluate(DROP, [f'<a href="{link(*tunes, name="All")}">a list</a>', "list.html"])
    expect(page.locator("#tunes-count")).to_have_text("3 tunes")
    page.select_option("#tunes", label="Two")
    expect(chart).to_have_value(re.compile("Two.*meter: 3/4.*Gm7", re.DOTALL))
    page.evaluate(PASTE, "irealb://cut%20of")
    expect(page.locator("#said")).to_contain_text("holds no tune")
    page.evaluate(DROP, ["title: Mine\n| Dm7 | G7 |", "mine.chart"])
    expect(page.locator("#chart-said")).to_contain_text("2 bars")
    page.reload()
    assert listener.errors == []


def test_what_was_played_is_listed_drawn_and_taken_home(steered):
    visit, _, _ = steered
    page = visit.page
    page.click("#jams-box summary")
    expect(page.locator(".jam")).to_have_count(1)
    page.click('.jam button:has-text("Roll")')
    expect(page.locator("#jam-roll")).to_be_visible()
    with page.expect_download() as taken:
        page.click(".jam a")
    assert taken.value.path().read_bytes().startswith(b"MThd")
    page.click('.jam button:has-text("Play")')
    visit.sees("[...improvd.sound.notes].some((note) => note.voice === 'archive')")
    page.click('.jam button:has-text("Stop")')
    visit.sees("![...improvd.sound.notes].some((note) => note.voice === 'archive')")
    assert visit.errors == []


def test_without_its_service_it_is_silent_and_comes_back_with_the_next(
    visit, jam, address, tmp_path
):
    listen(visit)
    visit.sees("improvd.sound.notes.size > 0")
    jam.process.kill()
    jam.process.wait(10)
    expect(visit.page.locator("#banner")).to_contain_text("improvd is not there")
    visit.sees("improvd.sound.notes.size === 0")
    expect(visit.page.locator("#turn")).not_to_have_text("improvd")
    with DaemonProcess(*MUSIC, "--web", address, cwd=tmp_path) as again:
        again.wait_for_beats(1)
        expect(visit.page.locator("#banner")).not_to_be_visible()
        visit.sees("improvd.band.notes.length > 2 && improvd.sound.notes.size > 0")
        assert again.leave(signal.SIGINT) == 0
        expect(visit.page.locator("#banner")).to_contain_text("improvd has ended")
        visit.sees("improvd.sound.notes.size === 0")


def test_a_lost_player_is_told_and_the_page_goes_on(visit, jam):
    before = visit.page.evaluate("improvd.band.time.beat")
    os.kill(jam.player, signal.SIGKILL)
    visit.sees(f"improvd.band.time && improvd.band.time.beat > {before + 6}")
    expect(visit.page.locator("#banner")).not_to_be_visible()


async def heard_by(page: ClientConnection) -> int:
    """How many beats a page is told of until it is told of the tempo ordered, four at the least."""
    beats, bpm = 0, 0.0
    async with asyncio.timeout(40):
        while beats < 4 or bpm != 220:
            frame = json.loads(await page.recv())
            beats += frame["t"] == "beat"
            bpm = frame["bpm"] if frame["t"] == "status" else bpm
    return beats


def test_twenty_pages_hear_and_steer_the_same_music(jam, address, tmp_path):
    async def crowd() -> list[int]:
        pages = [await connect(f"ws://{address}/talk") for _ in range(20)]
        await pages[7].send(json.dumps({"t": "order", "id": 1, "text": "tempo 220"}))
        counts = [await heard_by(page) for page in pages]
        for page in pages:
            await page.close()
        return counts

    with ThreadPoolExecutor(1) as apart:  # the browser has a loop of its own here
        counts = apart.submit(asyncio.run, crowd()).result()
    assert min(counts) >= 4
    now = status(tmp_path)
    assert (now["restarts"], now["lost"]) == (0, 0)


def test_beyond_this_machine_the_link_has_a_token_and_is_drawn_for_a_telephone(browser, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with DaemonProcess(*MUSIC, "--web", f"0.0.0.0:{port}", cwd=tmp_path) as jam:
        jam.wait_for_beats(2)
        [token] = re.findall(r"\?token=(\S+)$", jam.lines[0])
        assert sum("█" in line for line in jam.lines) > 10
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10)
        visit = Visit(browser, f"http://127.0.0.1:{port}/?token={token}")
        visit.sees("improvd.band.time")
        assert token not in visit.page.url
        assert visit.errors == []
        visit.close()


def test_a_port_that_is_taken_is_one_sentence(shared_jam, shared_address, tmp_path):
    with DaemonProcess("--api", "none", "--web", shared_address, cwd=tmp_path) as second:
        assert second.process.wait(20) == 2
        [sentence] = second.errors.read_text().splitlines()
        assert sentence.startswith(
            f"improvd: web {shared_address}: the page cannot be served there"
        )


def test_a_jam_with_notes_of_the_page_is_replayed_to_the_byte(visit, jam, tmp_path):
    for key in "tyut":
        visit.page.keyboard.press(key, delay=120)
    count = len(jam.beats)
    jam.wait_for_beats(count + 4)
    assert any(beat[5] for beat in jam.beats)
    assert jam.leave() == 0
    replayed = subprocess.run(
        [sys.executable, "-m", "improvd", "jams", "replay", "1"],
        env=os.environ | folders(tmp_path), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert re.search(r"all \d+ messages are the same, to the byte", replayed.stdout), replayed
