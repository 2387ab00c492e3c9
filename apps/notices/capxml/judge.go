package capxml

// grade is how bad it is that a rule is broken.
type grade int

const (
	remarked grade = iota // worth a word
	borne                 // against the standard and yet clear: read, never written
	refused               // what it says is in doubt, or missing
)

// MaxProblems bounds how many problems of one alert are told.
const MaxProblems = 20

// judge collects what is wrong with one alert.
type judge struct{ found [refused + 1][]Problem }

func (j *judge) say(g grade, element, rule string) {
	if len(j.found[g]) < MaxProblems {
		j.found[g] = append(j.found[g], Problem{Element: element, Rule: rule})
	}
}

func (j *judge) refuse(element, rule string) { j.say(refused, element, rule) }

// refusal is the error, or nil where nothing is refused.
func (j *judge) refusal() error {
	if len(j.found[refused]) == 0 {
		return nil
	}
	return &Refusal{Problems: j.found[refused]}
}

// remarks are what is wrong but not refused.
func (j *judge) remarks() []Problem {
	return append(append([]Problem(nil), j.found[borne]...), j.found[remarked]...)
}
