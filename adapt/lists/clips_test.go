package lists

import (
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// anywhere pretends that every path exists but those that begin with "no".
func anywhere(path string) (string, error) {
	if strings.HasPrefix(path, "no") {
		return "", fs.ErrNotExist
	}
	return filepath.Join("root", filepath.FromSlash(path)), nil
}

// readClips reads a table of clips from memory.
func readClips(file, text string) (Listing, error) {
	return newList(fstest.MapFS{file: {Data: []byte(text)}}, ".", file, 0).Read(ClipTable, anywhere)
}

func TestClipTables(t *testing.T) {
	want := []Clip{
		{Path: "root/a.mp4", Labels: []string{"lift, slowly"}, Group: "r1", Site: "dock", Split: Train, Caption: `he said "up"`},
		{Path: "root/b c.mp4", Labels: []string{"put"}, Split: Test, Start: 1.5, End: 62.25, Extra: map[string]string{"camera": "7"}},
		{Path: "root/b c.mp4", Labels: []string{"put"}, Split: Val, Start: 70},
	}
	csv := "path,label,group,Site,split,start,end,caption,camera\n" +
		"a.mp4,\"lift, slowly\",r1,dock,train,,,\"he said \"\"up\"\"\",\n" +
		"b c.mp4, put ,,,TEST,1.5,00:01:02.25,,7\n\n" +
		"b c.mp4,put,,,validation,1:10,,,\n"
	for name, text := range map[string]string{
		"m.csv":  csv,
		"M.CSV":  "\ufeff" + strings.ReplaceAll(csv, "\n", "\r\n"),
		"m.tsv":  "path\tlabel\tgroup\tsite\tsplit\tstart\tend\tcaption\tcamera\na.mp4\tlift, slowly\tr1\tdock\ttrain\t\t\t\"he said \"\"up\"\"\"\t\nb c.mp4\tput\t\t\ttest\t1.5\t62.25\t\t7\nb c.mp4\tput\t\t\tval\t70\t\t\t\n",
		"s.csv":  "\ufeff" + strings.ReplaceAll(strings.NewReplacer("lift, slowly", "lift, slowly", ",", ";").Replace(csv), "\n", "\r\n"),
		"m.json": "",
		"m.jsonl": `{"path": "a.mp4", "label": "lift, slowly", "group": "r1", "site": "dock", "split": "train", "caption": "he said \"up\"", "end": null}
{"path": "b c.mp4", "label": "put", "split": "test", "start": 1.5, "end": "01:02.25", "camera": 7}

{"path": "b c.mp4", "label": "put", "split": "val", "start": 70}`,
	} {
		if text == "" {
			continue
		}
		m, err := readClips(name, text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i := range m.Clips {
			m.Clips[i].Source, m.Clips[i].places = "", nil
			m.Clips[i].Path = filepath.ToSlash(m.Clips[i].Path)
		}
		if !reflect.DeepEqual(m.Clips, want) || !m.HasSplit || len(m.Warnings) != 0 {
			t.Errorf("%s: got  %+v %v %v\nwant %+v", name, m.Clips, m.HasSplit, m.Warnings, want)
		}
	}
}

// TestClipTableErrors holds every message a wrong table can get against its
// exact words.
func TestClipTableErrors(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want, hint string }{
		"empty":           {"m.csv", "", "m.csv is empty", "its first line names the columns, e.g. path,label"},
		"header only":     {"m.csv", "path,label\n", "m.csv names no clips", "add one line a clip"},
		"empty jsonl":     {"m.jsonl", "\n \n", "m.jsonl is empty", `write one object a line, e.g. {"path": "a.mp4", "label": "lift"}`},
		"no header":       {"m.csv", "a.mp4,lift\n", `m.csv:1: no column "path"; there is "a.mp4" or "lift"`, "name the columns in the first line, e.g. path,label"},
		"misspelt":        {"m.csv", "path,lable\na,b\n", `m.csv:1: no column "label"; did you mean "lable"?`, "name the columns in the first line, e.g. path,label"},
		"tabs":            {"m.csv", "path\tlabel\na\tb\n", `m.csv:1: no column "path"; there is "path\tlabel"`, "separate the values with commas or semicolons in a .csv, with tabs in a .tsv"},
		"two columns":     {"m.csv", "path,site,Site\na,b,c\n", `m.csv:1: two columns are called "site"`, "rename or delete one"},
		"too few values":  {"m.csv", "path,label\na.mp4,lift\nb.mp4\n", "m.csv:3: 1 values for 2 columns", "put quotes around a value that holds the separator"},
		"too many values": {"m.csv", "path,label\na.mp4,lift, put\n", "m.csv:2: 3 values for 2 columns", "put quotes around a value that holds the separator"},
		"quotes":          {"m.csv", "path,label\na.mp4,\"lift\n", "m.csv:2:13: extraneous or missing \" in quoted-field", `a quote inside a quoted value is written twice: "a ""b"" c"`},
		"latin-1":         {"m.csv", "path,label\na.mp4,caf\xe9\n", "m.csv:2: neither UTF-8, nor UTF-16, nor CP932 (Shift-JIS)", `save it as "CSV UTF-8"`},
		"utf-16":          {"m.csv", "\xff\xfep\x00\x00", "m.csv: begins as UTF-16 and does not go on so", `save it as "CSV UTF-8"`},
		"zero byte":       {"m.csv", "path,label\na\x00,b\n", "m.csv:2: holds a zero byte", "export the table again as text"},
		"not json":        {"m.jsonl", "{\"path\": \"a\"}\n[1]\n", "m.jsonl:2: not one JSON object", `write one object a line, e.g. {"path": "a.mp4", "label": "lift"}`},
		"two on a line":   {"m.jsonl", "{\"path\": \"a\"} {}\n", "m.jsonl:1: not one JSON object", `write one object a line, e.g. {"path": "a.mp4", "label": "lift"}`},
		"nested json":     {"m.jsonl", `{"path": "a", "site": ["b"]}`, "m.jsonl:1: site holds a list or an object", "write a string or a number"},
		"json keys":       {"m.jsonl", `{"path": "a", "label": "b", "LABEL": "c"}`, `m.jsonl:1: two keys are called "label"`, "rename or delete one"},
		"no path":         {"m.csv", "path,label\n,lift\n", "m.csv:2: path: is empty; name a video, or a folder of pictures", ""},
		"no label":        {"m.csv", "path,label\na.mp4,\n", "m.csv:2: label: is empty; name the class of a.mp4", ""},
		"start":           {"m.csv", "path,label,start\na,b,one\n", `m.csv:2: start: "one" is not a time; write seconds like 12.5 or hh:mm:ss.mmm like 00:00:12.500`, ""},
		"negative":        {"m.csv", "path,label,start\na,b,-1\n", `m.csv:2: start: "-1" is not a time; write seconds like 12.5 or hh:mm:ss.mmm like 00:00:12.500`, ""},
		"end":             {"m.csv", "path,label,start,end\na,b,2,2.0\n", "m.csv:2: end: 2.0 is not after the start, 2", ""},
		"end zero":        {"m.csv", "path,label,end\na,b,0\n", "m.csv:2: end: 0 is not after the start, 0", ""},
		"split":           {"m.csv", "path,label,split\na,b,tarin\n", `m.csv:2: split: "tarin" is not train, test or val`, ""},
		"half a split":    {"m.csv", "path,label,split\na,b,train\nc,d,\ne,f,test\n", "m.csv has rows with a split and 1 row without, e.g. m.csv:3", "write train, test or val in each row, or drop the column to have the split drawn"},
		"missing":         {"m.csv", "path,label\na,b\nno1,b\nno2,c\n", "2 clips not found:\n  m.csv:3: no1\n  m.csv:4: no2", "paths are relative to the manifest, or to root where the plan names one"},
		"many missing":    {"m.csv", "path,label\n" + strings.Repeat("no,b\n", 13), "13 clips not found:\n  m.csv:2: no\n  m.csv:3: no\n  m.csv:4: no\n  m.csv:5: no\n  m.csv:6: no\n  m.csv:7: no\n  m.csv:8: no\n  m.csv:9: no\n  m.csv:10: no\n  m.csv:11: no\n  and 3 more", "paths are relative to the manifest, or to root where the plan names one"},
		"two labels":      {"m.csv", "path,label,start,end\na,lift,0,2\na,lift,2,4\na,put,0,2.0\n", `m.csv:2 and m.csv:4 name the same clip root/a#0-2, but its label is "lift" and "put"`, "keep one of the two rows"},
		"two captions":    {"m.csv", "path,caption\na,x\na,y\n", `m.csv:2 and m.csv:3 name the same clip root/a, but its caption is "x" and "y"`, "keep one of the two rows"},
		"two splits":      {"m.csv", "path,label,split\na,x,train\na,x,test\n", `m.csv:2 and m.csv:3 name the same clip root/a, but its split is "train" and "test"`, "keep one of the two rows"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readClips(c.file, c.text)
			if err == nil {
				t.Fatal("no error")
			}
			if err.Error() != c.want || fault.HintOf(err) != c.hint {
				t.Errorf("got:\n%v\nhint: %s\nwant:\n%s\nhint: %s", err, fault.HintOf(err), c.want, c.hint)
			}
			if fault.KindOf(err) != fault.Input {
				t.Errorf("kind %v, want Input", fault.KindOf(err))
			}
		})
	}
}

func TestRepeatedRowsAreMerged(t *testing.T) {
	m, err := readClips("m.csv", "path,label\na,x\na,x\nb,x\na,x\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Clips) != 2 || words.Join(m.Warnings, "").String() != "2 rows said twice the same of a clip; each is used once" {
		t.Errorf("got %+v, %v", m.Clips, m.Warnings)
	}
}

// Labels that look the same on screen are the same label.
func TestLabelsAreComposed(t *testing.T) {
	m, err := readClips("m.csv", "path,label\na,\u304b\u3099\nb,\u304c\n")
	if err != nil || m.Clips[0].Labels[0] != m.Clips[1].Labels[0] {
		t.Errorf("got %+v, %v", m.Clips, err)
	}
}

func TestParseTime(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, "12.5": 12.5, "90": 90, "1:30": 90, "00:01:02.250": 62.25, "100:00:00": 360000, "1e1": 10,
	} {
		if got, err := parseTime(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1", "NaN", "inf", "1:60", "1:2:3:4", "1.5:00", "0x10", "1_0", "+1", "1:", ":1", "1,5", "12 s"} {
		if got, err := parseTime(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func FuzzClipTable(f *testing.F) {
	f.Add("m.csv", "path,label,split,group,site,start,end,caption\na.mp4,lift,train,r1,day,1.5,00:01:02.25,\"a \"\"b\"\"\"\n")
	f.Add("m.tsv", "\ufeffpath\tlabel\r\na b\tx\r\n")
	f.Add("m.jsonl", `{"path": "a", "label": "b", "start": 1, "extra": true}`)
	f.Fuzz(func(t *testing.T, name, text string) {
		if !IsTable(name) {
			name = "m.csv"
		}
		m, err := readClips(name, text)
		if err != nil {
			if fault.KindOf(err) != fault.Input {
				t.Errorf("error %q of kind %v", err, fault.KindOf(err))
			}
			return
		}
		seen := map[string]bool{}
		for _, c := range m.Clips {
			id := c.Path + RangeSuffix(c.Start, c.End)
			if seen[id] || c.Path == "" || !(c.End == 0 || c.End > c.Start) || !(c.Start >= 0) {
				t.Errorf("accepted %+v", c)
			}
			seen[id] = true
			if (c.Split != "") != m.HasSplit {
				t.Errorf("split %q, HasSplit %v", c.Split, m.HasSplit)
			}
		}
	})
}
