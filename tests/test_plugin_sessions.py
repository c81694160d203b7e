"""The plugin's other fixtures and options: a shared server, a server elsewhere, ini options, strictness, unittest."""

import pytest
from inner import run_inside

from mockserver import MockServer, pytest_plugin
from mockserver.settings import API_KEY, SERVER_ONLY, Settings

CALL = """
from anthropic import Anthropic


def call(prompt="hello", **more):
    asked = {"model": "claude-sonnet-5", "max_tokens": 64, "messages": [{"role": "user", "content": prompt}]}
    with Anthropic(max_retries=0) as client:
        return client.messages.create(**{**asked, **more})
"""


@pytest.fixture
def run(pytester):
    def run(code, *args, ini="", **files):
        for name, text in files.items():
            pytester.path.joinpath(f"{name}.yaml").write_text(text)
        pytester.makeini(f"[pytest]\n{ini}")
        pytester.makeconftest("")
        pytester.makepyfile(helper=CALL, test_it=code)
        return run_inside(pytester, *args)

    return run


def test_sessions_of_one_server(run):
    result = run(
        """
        import pytest
        from helper import call

        URLS = set()

        @pytest.mark.parametrize("n", range(5))
        def test_hi(mock_messages_session, n):
            mock_messages_session.reply(f"Hi {n}")
            assert call().content[0].text == f"Hi {n}"
            mock_messages_session.assert_called(1)
            URLS.add(mock_messages_session.base_url.partition("/_s/")[0])

        def test_one_server(mock_messages_server):
            assert URLS == {mock_messages_server.base_url}
            assert len(mock_messages_server.engine.sessions) <= 1

        def test_miss(mock_messages_session):
            try:
                call()
            except Exception:
                pass

        @pytest.mark.scenario("hello.yaml", freeze="2026-01-01")
        def test_files_and_settings(mock_messages_session):
            assert call().content[0].text == "From a file, 2026"

        @pytest.mark.scenario(max_sessions=5)
        def test_of_the_server(mock_messages_session):
            pass
        """,
        "-pno:randomly",
        hello="match: {user: hello}\nreply: 'From a file, {{ now.year }}'",
    )
    result.assert_outcomes(passed=7, failed=1, errors=1)
    result.stdout.fnmatch_lines_random(
        [
            "*mock_messages_session: 1 request went wrong*",
            "*[[]test_it.py::test_miss[]] POST /v1/messages 404 unmatched no scenario matches user 'hello'*",
            "*'max_sessions' belongs to the whole server*",
        ]
    )


def test_a_server_that_runs_elsewhere(run, monkeypatch):
    with MockServer(api_key=API_KEY) as server:
        monkeypatch.setenv("MOCKSERVER_URL", server.base_url)
        result = run(
            """
            import os
            import pytest
            from helper import call

            @pytest.mark.parametrize("fixture", ["mock_messages", "mock_messages_session"])
            def test_hi(request, fixture):
                mock = request.getfixturevalue(fixture)
                mock.reply("Hi")
                assert call().content[0].text == "Hi"
                assert mock.requests.last.text == "Hi"
                assert mock.base_url.startswith(os.environ["MOCKSERVER_URL"] + "/_s/test_it.py")

            @pytest.mark.scenario("hello.yaml", seed=3)
            def test_miss(mock_messages):
                assert call().content[0].text == "From a file"
                try:
                    call("nobody")
                except Exception:
                    pass

            def test_failure(mock_messages):
                mock_messages.reply("Hi")
                call("what was it?")
                assert False
            """,
            hello="match: {user: hello}\nreply: From a file",
        )
        result.assert_outcomes(passed=2, failed=2)
        result.stdout.fnmatch_lines_random(
            [
                "*mock_messages: 1 request went wrong*",
                "*asked: 'what was it?'*",
                "*the closest is 'hello': user: want contains*",
            ]
        )
        assert {world.name for world in server.engine.sessions} <= {"default"}


def test_sessions_below_a_test_s_own(run):
    result = run(
        """
        import urllib.request
        import pytest
        from helper import call

        @pytest.mark.parametrize("n", range(3))
        def test_below(mock_messages_session, n):
            other = mock_messages_session.session("other")
            other.reply(f"Other {n}")
            with other.environment():
                assert call().content[0].text == f"Other {n}"
            assert other.base_url == mock_messages_session.session_url("other")
            assert len(other.requests) == len(mock_messages_session.all_requests) == 1
            assert len(mock_messages_session.requests) == 0

        def test_a_miss_below(mock_messages_session):
            with mock_messages_session.session("other").environment():
                try:
                    call()
                except Exception:
                    pass

        def test_nothing_is_left(mock_messages_server):
            assert {world.name for world in mock_messages_server.engine.sessions} <= {"default"}
        """,
        "-pno:randomly",
    )
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(["*[[]test_it.py::test_a_miss_below/other[]] POST /v1/messages 404 unmatched*"])


@pytest.mark.parametrize("fixture", ["mock_messages", "mock_messages_session"])
def test_waits_take_no_time_unless_somebody_says_so(run, pytester, monkeypatch, fixture):
    paced = pytester.mkdir("paced")
    (paced / "mockserver.yaml").write_text("speed: 3\n", encoding="utf-8")
    (paced / "hello.yaml").write_text("reply: Hi\n", encoding="utf-8")
    code = f"""
        import pytest

        def test_usually({fixture}):
            assert {fixture}.clock.speed == USUAL

        @pytest.mark.scenario("paced")
        def test_a_file({fixture}):
            assert {fixture}.clock.speed == PACED

        @pytest.mark.scenario("paced", freeze="2026-01-01", speed=1)
        def test_a_marker({fixture}):
            assert {fixture}.clock.is_frozen
        """
    run(code.replace("USUAL", "'instant'").replace("PACED", "3")).assert_outcomes(passed=3)
    monkeypatch.setenv("MOCKSERVER_SPEED", "2")
    paced_by = "2" if fixture == "mock_messages" else "3"  # a session's own settings are nearer than its server's
    run(code.replace("USUAL", "2").replace("PACED", paced_by)).assert_outcomes(passed=3)


def test_a_server_elsewhere_that_is_not_there_is_told(run, monkeypatch, unused_tcp_port):
    monkeypatch.setenv("MOCKSERVER_URL", f"http://127.0.0.1:{unused_tcp_port}")
    result = run("def test_it(mock_messages): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*mock_messages: no server of ours answers at http://127.0.0.1:*"])


def test_a_test_that_is_run_again_is_checked_again(run, pytester):
    pytester.makeconftest(
        """
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            for _ in range(2):
                item._initrequest()
                for report in runtestprotocol(item, nextitem=nextitem, log=False):
                    item.ihook.pytest_runtest_logreport(report=report)
            return True
        """
    )
    pytester.makepyfile(
        helper=CALL,
        test_it="""
        from helper import call

        def test_miss(mock_messages):
            try:
                call()
            except Exception:
                pass
    """,
    )
    run_inside(pytester).assert_outcomes(failed=2)


def test_both_fixtures_on_a_server_elsewhere(run, monkeypatch):
    with MockServer() as server:
        monkeypatch.setenv("MOCKSERVER_URL", server.base_url)
        run(
            """
            def test_it(mock_messages, mock_messages_session):
                mock_messages.reply("a")
                assert mock_messages.name != mock_messages_session.name
                assert mock_messages_session.unused() == []
            """
        ).assert_outcomes(passed=1)


def test_ini_options(run):
    result = run(
        """
        import pytest
        from helper import call

        def test_file(mock_messages):
            assert call().content[0].text == "From a file, 2026"
            assert mock_messages.engine.settings.seed == 7

        @pytest.mark.scenario(seed=8, freeze="2027-01-01")
        def test_nearer(mock_messages):
            assert call().content[0].text == "From a file, 2027"
            assert mock_messages.engine.settings.seed == 8

        def test_unused(mock_messages):
            pass

        @pytest.mark.scenario(strict=["misses"])
        def test_allowed(mock_messages):
            pass

        @pytest.mark.scenario(strict="bugs")
        def test_unknown(mock_messages):
            pass
        """,
        ini="mockserver_scenarios = hello.yaml\nmockserver_seed = 7\nmockserver_freeze = 2026-01-01\n"
        "mockserver_strict = misses unused\n",
        hello="match: {user: hello}\nreply: 'From a file, {{ now.year }}'",
    )
    result.assert_outcomes(passed=3, failed=1, errors=1)
    result.stdout.fnmatch_lines_random(
        [
            "*mock_messages: nothing asked for 'hello' (*hello.yaml:1)*",
            "*mock_messages: strict='bugs': 'bugs' is none of misses, expectations, unused*",
        ]
    )


def test_a_dialect_by_ini_option_and_marker(run, pytester):
    """A file is looked for beside the test and in the root folder; the environment points at the dialect's prefix."""
    (pytester.path / "acme.json").write_text('{"like": "heroku", "prefix": "/acme"}')
    run(
        """
        import os

        import pytest
        from anthropic import Anthropic

        def asked(mock, model):
            mock.reply("Hi")
            messages = [{"role": "user", "content": "Hello"}]
            assert Anthropic().messages.create(model=model, max_tokens=9, messages=messages).content[0].text == "Hi"
            return os.environ["ANTHROPIC_BASE_URL"]

        @pytest.fixture(params=["mock_messages", "mock_messages_session"])
        def mock(request):
            return request.getfixturevalue(request.param)

        def test_file(mock):
            assert asked(mock, "claude-4-5-sonnet").endswith("/acme")

        @pytest.mark.scenario(dialect="bifrost")
        def test_name(mock):
            assert asked(mock, "openai/gpt-4o").endswith("/anthropic")

        @pytest.mark.scenario(dialect={"name": "own", "like": "relay", "prefix": "/own"})
        def test_map(mock):
            assert asked(mock, "claude-3-opus-20240229").endswith("/own")

        @pytest.mark.scenario(dialect="none.yaml")
        def test_no_file(mock_messages):
            pass

        @pytest.mark.scenario(dialect="herkou")
        def test_no_name(mock_messages):
            pass
        """,
        ini="mockserver_dialect = acme.json",
    ).assert_outcomes(passed=6, errors=2)


@pytest.mark.parametrize(
    ("ini", "words"),
    [
        ("mockserver_seed = x", "*mock_messages: arguments: seed = 'x': *"),
        ("mockserver_scenarios = nope.yaml", "*ini option mockserver_scenarios: there is no *nope.yaml*"),
    ],
)
def test_a_wrong_ini_option_is_told(run, ini, words):
    result = run("def test_it(mock_messages): pass", ini=ini)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words])


def test_every_setting_that_a_session_can_have_is_an_ini_option():
    assert set(pytest_plugin.SETTINGS) == set(Settings.model_fields) - set(SERVER_ONLY)


@pytest.mark.unmeasured
def test_no_cross_talk_among_workers(run):
    """Threads, async tests, attempts and equal prompts: every answer is the one that its own test scripted."""
    result = run(
        """
        import asyncio
        from concurrent.futures import ThreadPoolExecutor

        import pytest
        from anthropic import AsyncAnthropic
        from helper import call

        @pytest.fixture(params=["mock_messages", "mock_messages_session"])
        def mock(request):
            return request.getfixturevalue(request.param)

        @pytest.mark.parametrize("n", range(8))
        def test_threads(mock, n):
            mock.reply(f"answer {n}")
            with ThreadPoolExecutor(4) as pool:
                assert {m.content[0].text for m in pool.map(call, ["same"] * 8)} == {f"answer {n}"}
            mock.assert_called(8)

        @pytest.mark.asyncio
        @pytest.mark.parametrize("n", range(8))
        async def test_async(mock, n):
            mock.when(user="same").reply(f"async {n}", stream={"interval": "1s"})
            async with AsyncAnthropic() as client:
                asked = {"model": "claude-sonnet-5", "max_tokens": 64, "messages": [{"role": "user", "content": "same"}]}
                found = await asyncio.gather(*(client.messages.create(**asked) for _ in range(8)))
            assert {m.content[0].text for m in found} == {f"async {n}"}
            mock.assert_called(8)

        @pytest.mark.parametrize("n", range(4))
        def test_attempts(mock, n):
            mock.attempts(*({"reply": str(i)} for i in range(4)))
            assert [call("same").content[0].text for _ in range(4)] == list("0123")
        """,
        *("-n", "4"),
    )
    result.assert_outcomes(passed=40)


def test_a_fixture_that_is_asked_for_by_name_is_told_of_too(run):
    result = run(
        """
        from helper import call

        def test_it(request):
            request.getfixturevalue("mock_messages").reply("Hi")
            call("what was it?")
            assert False
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Captured mock_messages call*", "*asked: 'what was it?'*"])


def test_anyio_and_aiohttp(run):
    result = run(
        """
        import pytest
        from anthropic import AsyncAnthropic

        ASK = {"model": "claude-sonnet-5", "max_tokens": 64, "messages": [{"role": "user", "content": "hi"}]}

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.anyio
        async def test_anyio(mock_messages):
            mock_messages.reply("Hi")
            async with AsyncAnthropic() as client:
                assert (await client.messages.create(**ASK)).content[0].text == "Hi"

        @pytest.mark.anyio
        async def test_anyio_miss(mock_messages):
            async with AsyncAnthropic(max_retries=0) as client:
                with pytest.raises(Exception):
                    await client.messages.create(**ASK)
        """
    )
    result.assert_outcomes(passed=1, failed=1)


UNITTEST = """
import asyncio
import unittest

from anthropic import Anthropic, AsyncAnthropic

from mockserver import MockMessagesTestCase

ASK = {"model": "claude-sonnet-5", "max_tokens": 64, "messages": [{"role": "user", "content": "hello"}]}


class TestPlain(MockMessagesTestCase):
    mock_paths = ("hello.yaml",)
    mock_settings = {"freeze": "2026-01-01"}

    def test_file(self):
        with Anthropic() as client:
            self.assertEqual(client.messages.create(**ASK).content[0].text, "From a file, 2026")
        self.mock_messages.assert_called(1)


class TestMiss(MockMessagesTestCase):
    mock_settings = {"seed": 7}

    def test_miss(self):
        self.assertEqual(self.mock_messages.clock.speed, "instant")
        with Anthropic(max_retries=0) as client, self.assertRaises(Exception):
            client.messages.create(**ASK)

    def test_a_miss_that_is_told_already(self):
        with Anthropic(max_retries=0) as client:
            client.messages.create(**ASK)


class TestAsync(MockMessagesTestCase, unittest.IsolatedAsyncioTestCase):
    async def test_async(self):
        self.mock_messages.reply("Hi")
        async with AsyncAnthropic() as client:
            self.assertEqual((await client.messages.create(**ASK)).content[0].text, "Hi")


if __name__ == "__main__":
    unittest.main()
"""


@pytest.mark.unmeasured
def test_unittest_without_pytest(pytester):
    pytester.path.joinpath("hello.yaml").write_text("match: {user: hello}\nreply: 'From a file, {{ now.year }}'")
    pytester.makepyfile(run_it=UNITTEST)
    result = pytester.runpython(pytester.path / "run_it.py")
    result.stderr.fnmatch_lines_random(
        [
            "FAIL: test_miss (__main__.TestMiss*",
            "*AssertionError: mockserver: 1 request went wrong*",
            "Ran 4 tests in *",
        ]
    )
    result.stderr.fnmatch_lines(["FAILED (failures=1, errors=1)"])


@pytest.mark.unmeasured
def test_unittest_with_a_server_that_runs_elsewhere(pytester, monkeypatch):
    pytester.path.joinpath("hello.yaml").write_text("match: {user: hello}\nreply: 'From a file, {{ now.year }}'")
    pytester.makepyfile(run_it=UNITTEST)
    with MockServer() as server:
        monkeypatch.setenv("MOCKSERVER_URL", server.base_url)
        result = pytester.runpython(pytester.path / "run_it.py")
        result.stderr.fnmatch_lines(["FAILED (failures=1, errors=1)"])
        assert {world.name for world in server.engine.sessions} <= {"default"}
