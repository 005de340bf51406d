package adapt

import (
	"fmt"
	"slices"
	"strings"

	"framepilot/internal/fault"
)

// format is a way in which clips are listed.
type format struct {
	name   string // as plans write it: format = "ucf101"
	what   string // for people
	claims func(l *lists) bool
	read   func(l *lists) (listing, error)
}

// tableName is the format of a manifest of one's own.
const tableName = "table"

// formats lists what can be read, the more particular first.
func formats() []format {
	return []format{
		{"ucf101", "UCF101 train and test lists", isUCF101, readUCF101},
		{"hmdb51", "HMDB51 split lists", isHMDB51, readHMDB51},
		{"ssv2", "Something-Something V2 labels", isSSv2, readSSv2},
		{"ssv2-mc", "Something-Something V2 multiple choice", isSSv2MC, readSSv2MC},
		{"kinetics", "Kinetics CSV", isKinetics, readKinetics},
		{"msrvtt", "MSR-VTT captions", isMSRVTT, readMSRVTT},
		{"didemo", "DiDeMo captions", isDiDeMo, readDiDeMo},
		{"lsmdc", "LSMDC captions", isLSMDC, readLSMDC},
		{"tvts", "path and label lists of the TVTSv2 repository", isTVTS, readTVTS},
		{"label-studio", "Label Studio export", isLabelStudio, readLabelStudio},
		{"fiftyone", "FiftyOne export", isFiftyOne, readFiftyOne},
		{tableName, "a table of clips", isTable, readClipTable},
	}
}

// FormatNames lists the names a plan or --format may give, each with what it is.
func FormatNames() (names [][2]string) {
	for _, f := range formats() {
		names = append(names, [2]string{f.name, f.what})
	}
	return names
}

func findFormat(name string) (format, bool) {
	all := formats()
	i := slices.IndexFunc(all, func(f format) bool { return f.name == name })
	if i < 0 {
		return format{}, false
	}
	return all[i], true
}

// formatNames is FormatNames without the explanations.
func formatNames() (names []string) {
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// detect finds the format of a list by its name and content.
func (l *lists) detect() (format, bool) {
	all := formats()
	i := slices.IndexFunc(all, func(f format) bool { return f.claims(l) })
	if i < 0 {
		return format{}, false
	}
	return all[i], true
}

// readList reads a list in the format of that name; "" = by its name and
// content.
func readList(l *lists, name string) (format, listing, error) {
	f, ok := findFormat(name)
	if name == "" {
		if f, ok = l.detect(); !ok {
			return f, listing{}, fault.New(fault.Input, "name the format: "+strings.Join(formatNames(), ", "),
				"%s: no list of clips that this program knows", l.shown(l.name))
		}
	} else if !ok {
		return f, listing{}, fault.New(fault.Config, "", "%s", noSuch("format", name, formatNames()))
	}
	got, err := f.read(l)
	if err != nil && f.name != tableName {
		err = fmt.Errorf("%s: %w", f.what, err)
	}
	if err != nil {
		return f, listing{}, err
	}
	if f.name != tableName {
		got.dropUnsaid()
	}
	got.notes = append(slices.Clone(l.notes), got.notes...)
	if len(got.clips) == 0 {
		as, hint := "", "add one line a clip"
		if f.name != tableName {
			as, hint = ", read as "+f.what, "is that its format? There is "+strings.Join(formatNames(), ", ")
		}
		return f, listing{}, fault.New(fault.Input, hint, "%s names no clips%s%s", l.shown(l.name), as, got.skipped.text())
	}
	return f, got, nil
}

// dropUnsaid leaves out clips of which nothing is said, or whose file has no
// name.
func (out *listing) dropUnsaid() {
	out.clips = slices.DeleteFunc(out.clips, func(c listed) bool {
		said := c.caption != "" || slices.ContainsFunc(c.labels, func(s string) bool { return cleanLabel(s) != "" })
		if !said || c.paths[0] == "" {
			out.skip("without a label or a name", c.source)
			return true
		}
		return false
	})
}

// text is "" or says what was left out: "; 3 without a label, e.g. x".
func (s skipped) text() string {
	var b strings.Builder
	for _, why := range sortedKeys(s) {
		fmt.Fprintf(&b, "; %d left out: %s, e.g. %s", len(s[why]), why, s[why][0])
	}
	return b.String()
}
