package assistant

import (
	"context"
	"errors"
	"testing"
)

func TestText(t *testing.T) {
	t.Parallel()
	mock := newSession(t)

	expect(t, mock.client(), "Say hello", "Hello! How can I help?")
}

func TestToolIsCalledAndItsResultUsed(t *testing.T) {
	t.Parallel()
	mock := newSession(t)
	client := mock.client()
	client.Weather = func(city string) string { return map[string]string{"Paris": "sunny"}[city] }

	expect(t, client, "What is the weather in Paris?", "It is sunny in Paris.")

	requests := mock.requests()
	if len(requests) != 2 {
		t.Fatalf("got %d requests, want 2", len(requests))
	}
	conversation := requests[1].Body.Messages
	if result := conversation[len(conversation)-1].Content[0].Content; result != "sunny" {
		t.Errorf("the model was told %q, want %q", result, "sunny")
	}
}

func TestOverloadedAPIIsAskedAgain(t *testing.T) {
	t.Parallel()
	mock := newSession(t)

	expect(t, mock.client(), "Are you busy?", "Sorry, I was busy.")

	for i, want := range []int{529, 200} {
		if got := mock.requests()[i].Status; got != want {
			t.Errorf("request %d got %d, want %d", i, got, want)
		}
	}
}

func TestRefusalIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	mock := newSession(t)
	mock.add(map[string]any{"match": map[string]any{"user": "secret"}, "error": "permission"})

	_, err := mock.client().Ask(context.Background(), "Tell me a secret")

	var refused *APIError
	if !errors.As(err, &refused) || refused.Err.Type != "permission_error" {
		t.Errorf("got %v, want a permission_error", err)
	}
	if count := len(mock.requests()); count != 1 {
		t.Errorf("got %d requests, want 1", count)
	}
}

func expect(t *testing.T, client *Client, prompt, want string) {
	t.Helper()
	got, err := client.Ask(context.Background(), prompt)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
