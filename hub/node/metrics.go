package node

import (
	"context"
	"net"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/metrics"
)

// measure is the hub's metrics, and where else than on the hub's own machine
// they are told.
type measure struct {
	*metrics.Metrics
	ln net.Listener // nil: nowhere else
}

// openMetrics makes the metrics before there is anything to tell.
func (n *Node) openMetrics() (err error) {
	n.measure.Metrics, err = metrics.New(metrics.Source{
		Status: n.Status, Traffic: n.traffic, Sockets: func() int { return n.pages.Sockets() },
		Prepared: func() int { return n.pages.Prepared() },
	}, n.log)
	if err != nil || n.conf.Metrics == "" {
		return err
	}
	n.measure.ln, err = net.Listen("tcp", n.conf.Metrics)
	return listening("the metrics", n.conf.Metrics, err)
}

// MetricsAddr is where the metrics are served besides; "" for nowhere.
func (n *Node) MetricsAddr() string {
	if n.measure.ln == nil {
		return ""
	}
	return n.measure.ln.Addr().String()
}

// traffic is what went over each link, by the other hub's key in hex.
func (n *Node) traffic() map[string]metrics.Traffic {
	out := map[string]metrics.Traffic{}
	for who, l := range n.links.status() {
		out[who.String()] = metrics.Traffic{Sent: l.Sent, Received: l.Received}
	}
	return out
}

// verb tells the metrics at the console.
func (m measure) verb() control.Verb {
	return control.Handle(func(context.Context, control.Nothing) (out control.Metrics, err error) {
		out.Text, err = m.Text()
		return out, err
	})
}
