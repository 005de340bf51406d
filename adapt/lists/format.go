package lists

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// Format is a way in which clips are listed.
type Format struct {
	Name   string // as plans write it: format = "ucf101"
	What   string // for people
	claims func(l *List) bool
	read   func(l *List) (Listing, error)
}

// ClipTable is the name of the format of a list of one's own.
const ClipTable = "table"

// Formats lists what can be read, the more particular first.
func Formats() []Format {
	return []Format{
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
		{ClipTable, "a table of clips", isClipTable, readClipTable},
	}
}

// FindFormat finds a format by its name; its error says which name was meant.
func FindFormat(name string) (Format, error) {
	all := Formats()
	i := slices.IndexFunc(all, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, fault.New(fault.Config, "", "%s", words.NoSuch("format", name, formatNames()))
	}
	return all[i], nil
}

// formatNames lists the names a plan or --format may give.
func formatNames() (names []string) {
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return names
}

// Known says whether the list is in a format that this program knows, by its
// name and content.
func (l *List) Known() bool {
	_, err := l.detect()
	return err == nil
}

func (l *List) detect() (Format, error) {
	all := Formats()
	i := slices.IndexFunc(all, func(f Format) bool { return f.claims(l) })
	if i < 0 {
		return Format{}, fault.New(fault.Input, "name the format: "+strings.Join(formatNames(), ", "),
			"%s: no list of clips that this program knows", l.shown(l.name))
	}
	return all[i], nil
}

// Read reads a list in the format of that name; "" = by its name and content.
// locate turns a path as written into one that exists, or returns an error of
// fs.ErrNotExist.
func (l *List) Read(format string, locate func(string) (string, error)) (Listing, error) {
	find := l.detect
	if format != "" {
		find = func() (Format, error) { return FindFormat(format) }
	}
	f, err := find()
	if err != nil {
		return Listing{}, err
	}
	out, err := f.read(l)
	if err != nil && f.Name != ClipTable {
		err = fmt.Errorf("%s: %w", f.What, err)
	}
	if err != nil {
		return Listing{}, err
	}
	out.Format = f
	if f.Name != ClipTable {
		out.dropUnsaid()
	}
	out.Notes = append(slices.Clone(l.notes), out.Notes...)
	if len(out.Clips) == 0 {
		as, hint := "", "add one line a clip"
		if f.Name != ClipTable {
			as, hint = ", read as "+f.What, "is that its format? There is "+strings.Join(formatNames(), ", ")
		}
		return Listing{}, fault.New(fault.Input, hint, "%s names no clips%s%s", l.shown(l.name), as, out.leftOut())
	}
	if err := out.settle(l.shown(l.name), locate); err != nil {
		return Listing{}, err
	}
	return out, nil
}

// dropUnsaid leaves out clips of which nothing is said, or whose file has no
// name.
func (out *Listing) dropUnsaid() {
	out.Clips = slices.DeleteFunc(out.Clips, func(c Clip) bool {
		said := c.Caption != "" || slices.ContainsFunc(c.Labels, func(s string) bool { return CleanLabel(s) != "" })
		if !said || c.places[0] == "" {
			out.skip("without a label or a name", c.Source)
			return true
		}
		return false
	})
}

// leftOut is "" or says what was left out: "; 3 left out: without a label, e.g. x".
func (out *Listing) leftOut() string {
	var b strings.Builder
	for _, why := range slices.Sorted(maps.Keys(out.Skipped)) {
		fmt.Fprintf(&b, "; %d left out: %s, e.g. %s", len(out.Skipped[why]), why, out.Skipped[why][0])
	}
	return b.String()
}
