package assistant

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"
)

// server is where the one server of all tests says that it is.
var server struct {
	BaseURL string `json:"base_url"`
	APIKey  string `json:"api_key"`
}

func TestMain(m *testing.M) {
	os.Exit(withServer(m.Run))
}

// withServer runs a server meanwhile. It ends when its standard input does, also if this process is killed.
func withServer(run func() int) int {
	command := exec.Command("mockserver", "serve", "../scenarios", "--port", "0", "--on-unmatched", "error",
		"--ready-json", "--exit-with-parent", "--log-level", "warning")
	command.Stderr = os.Stderr
	life, err := command.StdinPipe()
	if err != nil {
		log.Fatal(err)
	}
	ready, err := command.StdoutPipe()
	if err != nil {
		log.Fatal(err)
	}
	if err := command.Start(); err != nil {
		log.Fatal(err)
	}
	if err := json.NewDecoder(ready).Decode(&server); err != nil {
		log.Fatalf("mockserver did not start: %v", err)
	}
	code := run()
	life.Close()
	if err := command.Wait(); err != nil {
		log.Fatalf("mockserver did not end well: %v", err)
	}
	return code
}

// session is a world of its own on the server: what happens in one test does not concern another.
type session struct {
	*testing.T
	url string
}

// newSession gives a test its session; when the test is over, everything that was asked must have been expected.
func newSession(t *testing.T) session {
	s := session{t, fmt.Sprintf("%s/_s/%s", server.BaseURL, url.PathEscape(t.Name()))}
	t.Cleanup(func() { s.control(http.MethodPost, "verify", map[string]any{}, nil) })
	return s
}

func (s session) client() *Client {
	return &Client{BaseURL: s.url, APIKey: server.APIKey, Retries: 2, BackOff: 200 * time.Millisecond}
}

// add adds a scenario, with the keys of a scenario file.
func (s session) add(scenario map[string]any) {
	s.control(http.MethodPost, "scenarios", scenario, nil)
}

// exchange is a request that came, and how it was answered.
type exchange struct {
	Status int
	Body   struct{ Messages []Message }
}

// requests returns what was asked so far, oldest first.
func (s session) requests() []exchange {
	var journal struct{ Requests []exchange }
	s.control(http.MethodGet, "requests", nil, &journal)
	return journal.Requests
}

// control asks the control API, and fails the test where that refuses.
func (s session) control(method, path string, asked, answer any) {
	s.Helper()
	var body bytes.Buffer
	if asked != nil {
		if err := json.NewEncoder(&body).Encode(asked); err != nil {
			s.Fatal(err)
		}
	}
	request, err := http.NewRequest(method, s.url+"/_mock/"+path, &body)
	if err != nil {
		s.Fatal(err)
	}
	request.Header.Set("content-type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 400 {
		var refused APIError
		if err := json.NewDecoder(response.Body).Decode(&refused); err != nil {
			s.Fatal(err)
		}
		s.Fatal(refused.Err.Message)
	}
	if answer == nil {
		return
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		s.Fatal(err)
	}
}
