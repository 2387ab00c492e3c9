package node

import (
	"context"
	"maps"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/register"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// verbs is what can be asked and told at the console.
func (n *Node) verbs() map[string]control.Verb {
	onPeer := func(do func(record.Author)) control.Verb {
		return control.Handle(func(_ context.Context, in control.Peer) (control.Nothing, error) {
			peer, err := in.Author()
			if err == nil {
				do(peer)
			}
			return control.Nothing{}, err
		})
	}
	verbs := map[string]control.Verb{
		"status":  control.Handle(func(context.Context, control.Nothing) (control.Status, error) { return n.Status() }),
		"doctor":  control.Handle(func(context.Context, control.Nothing) (control.Findings, error) { return n.examine(), nil }),
		"block":   onPeer(n.host.Block),
		"unblock": onPeer(n.host.Unblock),
		"missing": control.Handle(func(_ context.Context, in control.Keys) (out control.Keys, err error) {
			out.Keys, err = n.missing(record.App(in.App), in.Keys)
			return out, err
		}),
		"await":   control.Handle(n.await),
		"records": control.Handle(n.takeRecords),

		"authority": control.Handle(n.authorityVerb),

		"hubs": control.Handle(n.hubs),
		"hub":  control.Handle(n.registrar().act),

		"roster":  control.Handle(func(ctx context.Context, _ control.Nothing) (register.Register, error) { return n.Register(ctx) }),
		"who":     control.Handle(n.who),
		"appoint": control.Handle(n.registrar().appoint),
		"succeed": control.Handle(n.registrar().succeed),
		"adopt":   control.Handle(n.adopt),

		"invite":      control.Handle(n.invite.make),
		"invitations": control.Handle(n.invite.list),
		"uninvite":    control.Handle(n.invite.cancel),
	}
	maps.Copy(verbs, n.clock.verbs())
	verbs["metrics"] = n.measure.verb()
	return verbs
}
