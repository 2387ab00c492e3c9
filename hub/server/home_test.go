package server_test

import (
	"testing"

	"github.com/lamppost-hub/lamppost/hub/server"
)

func TestAPlaceThatWasPutOutSaysSo(t *testing.T) {
	const cut = "This place is cut off from the others for good."
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h, func(*server.Config) {}))
	b.open("/").want(t, 200, "Places in reach").wantNot(t, cut)
	h.about.CutOff = true
	b.open("/").want(t, 200, cut).wantNot(t, "Places in reach")
	b.open("/messages/").want(t, 200, cut)
}
