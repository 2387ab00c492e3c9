package doctor

import (
	"fmt"
	"time"
)

// Folder is what is known of a hub by its data folder and machine, whether it runs
// or not.
type Folder struct {
	Path     string
	Running  bool
	Problem  string   // why the folder is none that a hub can run on; it says what to do
	Open     []string // files that others than the owner may read or write
	ReadOnly bool     // this user cannot write in it
	Damaged  []string // what is said of databases that do not read
	Taken    []string // ports that another program uses, such as "the pages (:8080)"
	Network  bool     // network.key is there
	Phones   []string // interfaces by which no hub is to be spoken with
	Missing  []string // those of them that there are not
	Standing Standing // of a hub that does not run: as far as it had heard
	Disk     Disk
	Wall     time.Time
	Earliest time.Time // no clock that is right shows less
}

// ExamineFolder makes all checks of a folder. Of a hub that runs, those that its
// own Examine makes better are left out.
func ExamineFolder(f Folder) []Finding {
	if f.Problem != "" {
		return usable(f)
	}
	checks := []func(Folder) []Finding{usable, secret}
	if !f.Running {
		checks = append(checks, running, asleep, whole, ports, network, phones, func(f Folder) []Finding { return disk(Facts{Disk: f.Disk}) }, wall)
	}
	var out []Finding
	for _, check := range checks {
		out = append(out, check(f)...)
	}
	return out
}

func usable(f Folder) []Finding {
	const code = "folder"
	switch {
	case f.Problem != "":
		return []Finding{{code, Bad, "No hub can run on " + f.Path + ".", f.Problem}}
	case f.ReadOnly:
		return []Finding{{code, Bad, "This user cannot write in " + f.Path + ".",
			"Run the hub and this command as the user to whom the folder belongs; if the disk is mounted read-only, it may be failing: “dmesg” says why."}}
	}
	return fine(code, "The data folder "+f.Path+" is a hub's.")
}

func secret(f Folder) []Finding {
	const code = "permissions"
	if len(f.Open) == 0 {
		return fine(code, "Only its owner can read the data folder's secrets.")
	}
	return []Finding{{code, Bad, "Others on this machine can read or change " + some(f.Open) + ": whoever has hub.key is this hub.",
		"Keep them to the owner: chmod -R go-rwx " + f.Path}}
}

func running(f Folder) []Finding {
	if f.Standing == Retired || f.Standing == Revoked {
		return fine("running", "No hub runs on "+f.Path+", and none has to.")
	}
	return []Finding{{"running", Bad, "No hub runs on " + f.Path + ".", "Start it with “lamppost run”, or “systemctl start lamppost” where it is a service."}}
}

func asleep(f Folder) []Finding { return Asleep(f.Standing) }

// Asleep is whether the community takes a hub that does not run for one of its own.
func Asleep(s Standing) []Finding {
	if s == Retired {
		return []Finding{{"certificate", Warn, "This hub is marked as no longer in use, so it need not run.",
			"If the machine is to be used again, join with a new, empty data folder: the mark cannot be taken back."}}
	}
	return standing(Facts{Standing: s})
}

func whole(f Folder) []Finding {
	const code = "databases"
	if len(f.Damaged) == 0 {
		return fine(code, "The databases read.")
	}
	var out []Finding
	for _, d := range f.Damaged {
		out = append(out, Finding{code, Bad, d, "Make a copy of the data folder, move the damaged file away and start again. If it happens twice, replace the card or disk."})
	}
	return out
}

func ports(f Folder) []Finding {
	const code = "ports"
	if len(f.Taken) == 0 {
		return fine(code, "The ports are free.")
	}
	return []Finding{{code, Bad, "Another program uses the port of " + some(f.Taken) + ".",
		"Stop that program (“ss -tulpn” shows it), or choose other ports with --http, --sync and --membership."}}
}

func network(f Folder) []Finding {
	if f.Network {
		return fine("membership", "network.key, by which hubs find each other, is there.")
	}
	return membership(Facts{Membership: Membership{Wanted: true}})
}

func phones(f Folder) []Finding {
	return leftAlone(Facts{Network: Network{LeftAlone: f.Phones, Missing: f.Missing}})
}

func wall(f Folder) []Finding {
	const code = "clock"
	at := f.Wall.UTC().Format(time.DateTime)
	if f.Wall.Before(f.Earliest) {
		return []Finding{{code, Warn, fmt.Sprintf("This machine's clock says %s UTC, and it is %s at least.", at, f.Earliest.UTC().Format(time.DateOnly)),
			"Set it, or switch network time on. The hub runs all the same, and pages say “time uncertain”."}}
	}
	return fine(code, "This machine's clock says "+at+" UTC, which can be right.")
}
