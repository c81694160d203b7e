// Package assistant is the program under test: a conversation with a tool. It knows nothing of any mock.
package assistant

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Client asks the Messages API. With the official SDK this file is shorter, and the tests stay the same:
// anthropic.NewClient(option.WithBaseURL(baseURL), option.WithAPIKey(key)).
type Client struct {
	BaseURL string
	APIKey  string
	Retries int
	BackOff time.Duration
	// Weather is the tool that the model may call.
	Weather func(city string) string
}

// Message is one turn of a conversation.
type Message struct {
	Role    string  `json:"role"`
	Content []Block `json:"content"`
}

// Block is a text, a tool's call or its result.
type Block struct {
	Type      string         `json:"type"`
	Text      string         `json:"text,omitempty"`
	ID        string         `json:"id,omitempty"`
	Name      string         `json:"name,omitempty"`
	Input     map[string]any `json:"input,omitempty"`
	ToolUseID string         `json:"tool_use_id,omitempty"`
	Content   string         `json:"content,omitempty"`
}

// APIError is what the API answered instead of a message.
type APIError struct {
	Status int
	Err    struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	} `json:"error"`
}

func (e *APIError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.Status, e.Err.Type, e.Err.Message)
}

// Ask calls the tool as often as the model wants it, and returns the answer's text.
func (c *Client) Ask(ctx context.Context, prompt string) (string, error) {
	messages := []Message{{Role: "user", Content: []Block{{Type: "text", Text: prompt}}}}
	for {
		answer, err := c.create(ctx, messages)
		if err != nil {
			return "", err
		}
		text, results := "", []Block{}
		for _, block := range answer.Content {
			switch block.Type {
			case "text":
				text += block.Text
			case "tool_use":
				city, _ := block.Input["city"].(string)
				results = append(results, Block{Type: "tool_result", ToolUseID: block.ID, Content: c.Weather(city)})
			}
		}
		if len(results) == 0 {
			return text, nil
		}
		messages = append(messages, answer, Message{Role: "user", Content: results})
	}
}

// create sends one request, and sends it again while the API is overloaded.
func (c *Client) create(ctx context.Context, messages []Message) (Message, error) {
	body, err := json.Marshal(map[string]any{
		"model":      "claude-sonnet-5",
		"max_tokens": 1024,
		"messages":   messages,
		"tools": []any{map[string]any{
			"name": "get_weather",
			"input_schema": map[string]any{
				"type":       "object",
				"properties": map[string]any{"city": map[string]any{"type": "string"}},
			},
		}},
	})
	if err != nil {
		return Message{}, err
	}
	for attempt := 0; ; attempt++ {
		answer, failure, err := c.send(ctx, body)
		if err != nil || failure == nil {
			return answer, err
		}
		if failure.Status < 500 || attempt == c.Retries {
			return answer, failure
		}
		select {
		case <-time.After(c.BackOff << attempt):
		case <-ctx.Done():
			return answer, ctx.Err()
		}
	}
}

func (c *Client) send(ctx context.Context, body []byte) (answer Message, failure *APIError, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BaseURL+"/v1/messages", bytes.NewReader(body))
	if err != nil {
		return answer, nil, err
	}
	request.Header.Set("content-type", "application/json")
	request.Header.Set("anthropic-version", "2023-06-01")
	request.Header.Set("x-api-key", c.APIKey)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer, nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		failure = &APIError{Status: response.StatusCode}
		return answer, failure, json.NewDecoder(response.Body).Decode(failure)
	}
	return answer, nil, json.NewDecoder(response.Body).Decode(&answer)
}
