package authority

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"strings"
)

// Types of what devices install.
const (
	CertificateType = "application/x-x509-ca-cert"
	ProfileType     = "application/x-apple-aspen-config"
)

// Profile is the root as a configuration profile for Apple's systems, which install it by
// a few taps: one payload of the type com.apple.security.root. It is not signed: who
// signs it would have to be trusted first.
func (a Authority) Profile() []byte {
	name := escaped(a.Root.Subject.CommonName)
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>internal.lamppost.%[1]s</string>
<key>PayloadUUID</key><string>%[2]s</string>
<key>PayloadDisplayName</key><string>%[3]s</string>
<key>PayloadContent</key><array><dict>
<key>PayloadType</key><string>com.apple.security.root</string>
<key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>internal.lamppost.%[1]s.root</string>
<key>PayloadUUID</key><string>%[4]s</string>
<key>PayloadDisplayName</key><string>%[3]s</string>
<key>PayloadCertificateFileName</key><string>lamppost.cer</string>
<key>PayloadContent</key><data>%[5]s</data>
</dict></array>
</dict></plist>
`, strings.ToLower(a.uuid("id")[:8]), a.uuid("profile"), name, a.uuid("root"), base64.StdEncoding.EncodeToString(a.Root.Raw))
}

// uuid is the same for the same authority (RFC 9562, section 5.8), so that a profile that
// is installed again replaces itself.
func (a Authority) uuid(of string) string {
	sum := sha256.Sum256(append([]byte("lamppost "+of+"\x00"), a.Root.Raw...))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]))
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes all
	return b.String()
}
