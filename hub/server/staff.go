package server

// staffView is what the page shows for who looks after the place.
type staffView struct {
	Clock bool   // the time can be looked at
	Trust bool   // and who may speak officially
	Wall  string // path of a screen on a wall in the reader's language, with the session if that lives in the path
	Tools []tool
}

// tool is a command at the box, and what it is for.
type tool struct {
	Command string
	For     string // in the reader's language
}

// staff says what there is to do for who looks after the place, and where. Nobody
// signs in for it: what is more than reading is done at the box itself.
func (s *Server) staff(v *visit) (answer, error) {
	m := staffView{Clock: s.cfg.Clock != nil, Trust: s.cfg.Trust != nil, Wall: v.prefix(v.lang.Code) + kioskPath, Tools: []tool{
		{"lamppost status", v.lang.Text("how this place stands, and what needs care")},
		{"lamppost doctor", v.lang.Text("what is wrong, and how to mend it")},
		{"lamppost invite", v.lang.Text("lets another place join")},
	}}
	return answer{page: "staff.html", title: v.lang.Text("For who looks after this place"), model: m}, nil
}
