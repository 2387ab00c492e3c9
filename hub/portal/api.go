package portal

import (
	"encoding/json"
	"net/http"
	"net/netip"

	"github.com/lamppost-hub/lamppost/hub/httpserve"
)

// APIPath is where phones are told how they stand: RFC 8908.
const APIPath = "/captive-portal/api"

// apiAnswer is what they are told.
type apiAnswer struct {
	Captive bool   `json:"captive"`
	Page    string `json:"user-portal-url,omitempty"` // has to be over TLS
	Venue   string `json:"venue-info-url,omitempty"`
}

// Accepts tells which phones were let through.
type Accepts interface {
	Accepted(at netip.Addr) bool
}

// API answers phones over HTTPS under a host name of the hub's own, where name is
// that with the port if it is not 443. Besides, it only leads to the pages at home.
func API(phones Accepts, name func() string, home string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := name()
		w.Header().Set("Cache-Control", "no-store")
		switch {
		case httpserve.HostName(r.Host) != httpserve.HostName(at):
			http.Error(w, "This is "+at+".", http.StatusMisdirectedRequest)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Nothing is taken here.", http.StatusMethodNotAllowed)
		case r.URL.Path != APIPath:
			w.Header().Set("Location", home)
			answer{status: http.StatusFound, kind: plainText, body: home + "\n"}.write(w, r)
		default:
			told := apiAnswer{Captive: true, Page: "https://" + at + "/"}
			if phones.Accepted(from(r)) {
				told = apiAnswer{Venue: home}
			}
			body, err := json.Marshal(told)
			if err != nil {
				http.Error(w, "This cannot be told.", http.StatusInternalServerError)
				return
			}
			answer{status: http.StatusOK, kind: "application/captive+json", body: string(body)}.write(w, r)
		}
	})
}
