"""The pytest plugin, run by a pytest inside this one."""

import pytest
from inner import run_inside

SDK_CALL = """
    def call(prompt="hello"):
        from anthropic import Anthropic
        with Anthropic(max_retries=0) as client:
            return client.messages.create(model="claude-sonnet-5", max_tokens=64, messages=[{"role": "user", "content": prompt}])
"""


@pytest.fixture
def run(pytester):
    def run(code, *args, **files):
        for name, text in files.items():
            pytester.path.joinpath(f"{name}.yaml").write_text(text)
        pytester.makeconftest("")
        pytester.makepyfile(helper="\n".join(line[4:] for line in SDK_CALL.splitlines()))
        pytester.makepyfile(test_it=code)
        return run_inside(pytester, *args)

    return run


def test_a_test_that_passes(run):
    result = run(
        """
        from helper import call

        def test_hi(mock_messages):
            mock_messages.reply("Hi")
            assert call().content[0].text == "Hi"
            assert [e.verdict for e in mock_messages.requests] == ["answered"]

        def test_another_server(mock_messages):
            mock_messages.add({"match": {"user": "hello"}, "reply": "Ho"})
            assert call().content[0].text == "Ho"
            assert len(mock_messages.requests) == 1
        """
    )
    result.assert_outcomes(passed=2)


def test_the_environment_points_at_the_server_and_is_restored(run, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "before")
    monkeypatch.setenv("NO_PROXY", "example.com")
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    result = run(
        """
        import os

        NAMES = ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "NO_PROXY", "no_proxy")

        def environment():
            return [os.environ.get(n) for n in NAMES]

        BEFORE = environment()

        def test_inside(mock_messages):
            assert environment() == [mock_messages.base_url, mock_messages.api_key, None,
                                     "example.com,127.0.0.1,localhost", "127.0.0.1,localhost"]

        def test_after():
            assert environment() == BEFORE
        """
    )
    result.assert_outcomes(passed=2)


def test_a_miss_fails_a_test_that_passed_in_spite_of_it(run):
    result = run(
        """
        from helper import call

        def test_swallows(mock_messages):
            mock_messages.add({"name": "hi", "match": {"user": "hullo"}, "reply": "Hi"})
            try:
                call()
            except Exception:
                pass
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*mock_messages: 1 request went wrong*",
            "*POST /v1/messages 404 unmatched no scenario matches user 'hello'; the closest is 'hi': user: want contains 'hullo'*",
        ]
    )


def test_beside_another_failure_the_exchanges_are_shown(run):
    result = run(
        """
        from helper import call

        def test_fails(mock_messages):
            mock_messages.reply("Hi")
            call()
            call()
            call("again")
            assert False, "own reason"
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*own reason*",
            "*Captured mock_messages call*",
            "POST /v1/messages 200 answered by scenario 'code#1' turn 0 (2 times)",
            "    asked: 'hello'",
            "    answered: 'Hi'",
        ]
    )


def test_a_failed_expectation_fails_the_test(run):
    result = run(
        """
        from helper import call

        def test_expect(mock_messages):
            mock_messages.add({"expect": {"system": "pirate"}, "reply": "Arr"})
            try:
                call()
            except Exception:
                pass
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*expected system: want contains 'pirate' (any case), got ''*"])


def test_a_bug_of_the_server_is_raised_in_the_test(run):
    result = run(
        """
        from helper import call
        from mockserver.engine import conversing

        def test_bug(mock_messages, monkeypatch):
            monkeypatch.setattr(conversing, "select", lambda *_: 1 / 0)
            try:
                call()
            except Exception:
                pass
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ZeroDivisionError*"])


def test_a_test_that_ends_itself_after_a_miss_has_one_outcome(run):
    result = run(
        """
        import pytest
        from helper import call

        def miss():
            try:
                call()
            except Exception:
                pass

        def test_fail(mock_messages):
            miss()
            pytest.fail("own reason")

        def test_skip(mock_messages):
            miss()
            pytest.skip("own reason")
        """
    )
    result.assert_outcomes(failed=1, skipped=1)


def test_a_miss_after_the_test_is_an_error_at_teardown(run):
    result = run(
        """
        import pytest
        from helper import call

        @pytest.fixture
        def late(mock_messages):
            yield
            try:
                call()
            except Exception:
                pass

        def test_late(late):
            pass
        """
    )
    result.assert_outcomes(passed=1, errors=1)


def test_scenario_files_by_marker(run):
    result = run(
        """
        import pytest
        from helper import call

        pytestmark = pytest.mark.scenario("hello.yaml", freeze="2026-01-01")

        def test_file(mock_messages):
            assert call().content[0].text == "From a file, 2026"

        @pytest.mark.scenario("other.yaml", freeze="2027-01-01", on_unmatched="fallback")
        def test_both(mock_messages):
            assert call().content[0].text == "From a file, 2027"
            assert call("other").content[0].text == "Other"
            assert call("anything").content[-1].text  # the model may think first
        """,
        "--strict-markers",
        hello="match: {user: hello}\nreply: 'From a file, {{ now.year }}'",
        other="match: {user: other}\nreply: Other",
    )
    result.assert_outcomes(passed=2)


MARKER_MISTAKES = [
    ('"nope.yaml"', "@pytest.mark.scenario('nope.yaml'): there is no *nope.yaml"),
    ('"broken.yaml"', "*broken.yaml:1:1: repyl: unknown key 'repyl'; did you mean 'reply'?*"),
    ('sede="x"', "*arguments: unknown setting 'sede'; did you mean 'seed'?*"),
]


@pytest.mark.parametrize(("arguments", "words"), MARKER_MISTAKES)
def test_mistakes_in_a_marker_are_told(run, arguments, words):
    result = run(
        f"""
        import pytest

        @pytest.mark.scenario({arguments})
        def test_it(mock_messages):
            pass
        """,
        broken="repyl: x",
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words])


def test_a_missing_file_is_sought_beside_the_test_and_at_the_root(pytester):
    folder = pytester.mkpydir("below")
    (folder / "test_it.py").write_text(
        "import pytest\n\n@pytest.mark.scenario('nope.yaml')\ndef test_it(mock_messages):\n    pass\n"
    )
    pytester.makeini("[pytest]")
    result = run_inside(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*: there is no *below/nope.yaml and no *nope.yaml"])


def test_async_tests(run):
    result = run(
        """
        import pytest
        from anthropic import AsyncAnthropic

        async def call():
            async with AsyncAnthropic(max_retries=0) as client:
                asked = [{"role": "user", "content": "hello"}]
                return await client.messages.create(model="claude-sonnet-5", max_tokens=64, messages=asked)

        @pytest.mark.asyncio
        async def test_hi(mock_messages):
            mock_messages.reply("Hi")
            assert (await call()).content[0].text == "Hi"

        @pytest.mark.asyncio
        async def test_miss(mock_messages):
            try:
                await call()
            except Exception:
                pass
        """
    )
    result.assert_outcomes(passed=1, failed=1)


def test_doctest_items_have_no_fixtures_and_no_problem(run, pytester):
    pytester.makepyfile(module='def f():\n    """\n    >>> 1 + 1\n    2\n    """\n')
    result = run("def test_it(): pass", "--doctest-modules")
    result.assert_outcomes(passed=2)


def test_waits_take_no_time_unless_the_test_asks_for_it(run):
    result = run(
        """
        import time
        import pytest
        from helper import call

        STALLED = {"reply": "Hi", "delay": "10m", "fault": {"before": "response", "stall": "1h"}}

        def test_skipped(mock_messages):
            mock_messages.add(STALLED)
            before = mock_messages.clock.now()
            call()
            assert (mock_messages.clock.now() - before).total_seconds() >= 4200

        @pytest.mark.scenario(speed=100_000)
        def test_scaled(mock_messages):
            assert (mock_messages.clock.speed, mock_messages.clock.skips) == (100_000, False)
            mock_messages.add(STALLED)
            call()

        @pytest.mark.scenario(freeze="2026-11-26")
        def test_frozen(mock_messages):
            assert mock_messages.clock.is_frozen and not mock_messages.clock.skips

        def test_from_outside(mock_messages):
            assert mock_messages.clock.skips

        @pytest.mark.parametrize("name", ["MOCKSERVER_SPEED"])
        def test_the_environment_is_asked_too(monkeypatch, name, request):
            monkeypatch.setenv(name, "3")
            assert request.getfixturevalue("mock_messages").clock.speed == 3
        """
    )
    result.assert_outcomes(passed=5)


def test_a_client_is_judged_in_a_test(run):
    result = run(
        """
        from anthropic import Anthropic
        import pytest

        FLAKY = {"attempts": [{"error": "overloaded"}, {"reply": "Hi"}]}
        ASK = {"model": "claude-sonnet-5", "max_tokens": 64, "messages": [{"role": "user", "content": "Hi"}]}

        def test_it_does_right(mock_messages):
            mock_messages.add(FLAKY)
            with Anthropic() as client:
                client.messages.create(**ASK)
            mock_messages.assert_resilient()

        def test_it_gives_up(mock_messages):
            mock_messages.add(FLAKY)
            with Anthropic(max_retries=0) as client, pytest.raises(Exception):
                client.messages.create(**ASK)
            mock_messages.assert_resilient()

        @pytest.mark.scenario(limits={"requests": 1}, chaos="mild", seed=3)
        def test_settings(mock_messages):
            assert mock_messages.engine.settings.limits.requests == 1
        """
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["*mockserver: the client breaks 'gave-up'*", "*gave up after 0 retries; 529 overloaded_error is worth 2*"]
    )
