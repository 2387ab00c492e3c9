package join

import "errors"

// Messages is one of each message, as they travel, by name.
func Messages() map[string][]byte {
	c, err := newCodec()
	if err != nil {
		panic(err)
	}
	out := map[string][]byte{}
	for name, m := range map[string]struct {
		tag
		bounded
	}{
		"ask":     {tagAsk, &ask{Version: 1, ID: make([]byte, 16), Nonce: make([]byte, 32)}},
		"proof":   {tagProof, &proof{Nonce: make([]byte, 32), MAC: make([]byte, 32)}},
		"claim":   {tagClaim, &claim{MAC: make([]byte, 32), Label: "Library"}},
		"refusal": {tagRefusal, (&Refusal{Reason: Used, Who: "School", Ago: 1e11}).wire()},
		"welcome": {tagWelcome, &Welcome{Founding: []byte("f"), Chain: [][]byte{{1}, {2}}, Network: make([]byte, 32), Addrs: []string{"192.0.2.1:4680"}}},
	} {
		if out[name], err = c.encode(m.tag, m.bounded); err != nil {
			panic(err)
		}
	}
	return out
}

// Decode reads a message of whatever kind and writes it again.
func Decode(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, ErrMessage
	}
	c, err := newCodec()
	if err != nil {
		return nil, err
	}
	m, ok := map[tag]bounded{tagAsk: &ask{}, tagProof: &proof{}, tagClaim: &claim{}, tagWelcome: &Welcome{}, tagRefusal: &refusal{}}[tag(b[0])]
	if !ok {
		return nil, errors.New("unknown")
	}
	if err := c.decode(b, tag(b[0]), m); err != nil {
		return nil, err
	}
	if no, ok := m.(*refusal); ok {
		_ = no.told().Error()
	}
	return c.encode(tag(b[0]), m)
}
