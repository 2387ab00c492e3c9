package control

import "context"

// Metrics are the hub's, in the Prometheus text format.
type Metrics struct {
	Text string `json:"text"`
}

// Metrics are the hub's metrics, in the Prometheus text format.
func (c *Client) Metrics(ctx context.Context) (string, error) {
	var out Metrics
	err := c.Call(ctx, "metrics", Nothing{}, &out)
	return out.Text, err
}
