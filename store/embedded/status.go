package embedded

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"ringside/store/embedded/internal/endpoint"
)

// Status is the running child's counts: statements running, waiting and allowed.
type Status = endpoint.Status

// Status asks the child for its counts. A joined engine's child is asked too.
func (e *Engine) Status(ctx context.Context) (Status, error) {
	var s Status
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url+"/status", nil)
	if err != nil {
		return s, fmt.Errorf("embedded ClickHouse: %w", err)
	}
	res, err := direct.Do(req)
	if err != nil {
		return s, fmt.Errorf("embedded ClickHouse: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return s, fmt.Errorf("embedded ClickHouse: status: %s", res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(&s); err != nil {
		return s, fmt.Errorf("embedded ClickHouse: status: %w", err)
	}
	return s, nil
}
