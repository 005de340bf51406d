package lists

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// readFixture reads a list from files in memory; videos are the files that
// exist, all of them where none is named.
func readFixture(files map[string]string, name, format string, fps float64, videos ...string) (Listing, error) {
	dir := fstest.MapFS{}
	for f, text := range files {
		dir[f] = &fstest.MapFile{Data: []byte(text)}
	}
	return newList(dir, ".", name, fps).Read(format, func(path string) (string, error) {
		if len(videos) > 0 && !slices.Contains(videos, path) {
			return "", fs.ErrNotExist
		}
		return path, nil
	})
}

// brief is a clip in one line.
func brief(c Clip) string {
	text := fmt.Sprintf("%s%s %q", c.Path, RangeSuffix(c.Start, c.End), strings.Join(c.Labels, LabelSeparator))
	for _, x := range []struct{ name, value string }{{"split", c.Split}, {"group", c.Group}, {"caption", c.Caption}} {
		if x.value != "" {
			text += fmt.Sprintf(" %s=%s", x.name, x.value)
		}
	}
	return text
}

func TestFormats(t *testing.T) {
	studio := func(result string) string {
		return `[{"id": 7, "data": {"video": "/data/upload/1/0a1b2c3d-a b.mp4"}, "annotations": [{"was_cancelled": true, "result": []}, {"result": [` + result + `]}],
			"predictions": [{"result": [{"value": {"choices": ["wrong"]}}]}]}]`
	}
	for name, c := range map[string]struct {
		files  map[string]string
		open   string
		fps    float64
		videos []string
		format string
		want   []string
		note   string // that one of the notes holds
		skips  string // that the account of what is left out holds
	}{
		"ucf101: blanks, CRLF, test lines without a number, groups": {
			files: map[string]string{
				"classInd.txt":    "1 Jump Rope\r\n2 Mow\r\n",
				"trainlist01.txt": "Jump Rope/v_Jump Rope_g08_c01.avi 1\r\nMow/v_Mow_g09_c02.avi 2\r\n",
				"testlist01.txt":  "Jump Rope/v_Jump Rope_g01_c01.avi\r\n",
				"trainlist02.txt": "Mow/v_Mow_g01_c01.avi 2\n",
			}, format: "ucf101", note: "split 1",
			want: []string{
				`Jump Rope/v_Jump Rope_g08_c01.avi "Jump Rope" split=train group=Jump Rope/g08`,
				`Mow/v_Mow_g09_c02.avi "Mow" split=train group=Mow/g09`,
				`Jump Rope/v_Jump Rope_g01_c01.avi "Jump Rope" split=test group=Jump Rope/g01`,
			},
		},
		"ucf101: another split, files elsewhere and converted, some missing": {
			files: map[string]string{"trainlist02.txt": "Mow/v_Mow_g01_c01.avi 2\nMow/v_Mow_g02_c01.avi 2\n", "testlist02.txt": "Mow/v_Mow_g03_c01.avi"},
			open:  "testlist02.txt", format: "ucf101", videos: []string{"v_Mow_g01_c01.mp4", "Mow/v_Mow_g03_c01.avi"},
			want:  []string{`v_Mow_g01_c01.mp4 "Mow" split=train group=Mow/g01`, `Mow/v_Mow_g03_c01.avi "Mow" split=test group=Mow/g03`},
			skips: "1 left out: file not found, e.g. trainlist02.txt:2: Mow/v_Mow_g02_c01.avi",
		},
		"hmdb51: 0 is unused, # is no comment, two blanks before the number": {
			files: map[string]string{
				"shoot_ball_test_split1.txt": "#20_Rhythm_shoot_ball_u_nm_np1_fr_goo_0.avi  1 \nOld Film_shoot_ball_f_cm_0.avi 2\nX_shoot_ball_f_1.avi 0\n",
				"wave_test_split2.txt":       "Y_wave_f_1.avi 1\n",
			}, format: "hmdb51", skips: "1 left out: marked 0",
			want: []string{
				`shoot_ball/#20_Rhythm_shoot_ball_u_nm_np1_fr_goo_0.avi "shoot_ball" split=train group=shoot_ball/#20_Rhythm`,
				`shoot_ball/Old Film_shoot_ball_f_cm_0.avi "shoot_ball" split=test group=shoot_ball/Old Film`,
			},
		},
		"kinetics: file names from times, which cut nothing; val is the test part": {
			files: map[string]string{
				"train.csv": "label,youtube_id,time_start,time_end,split,is_cc\n\"washing, by hand\",-a_b,5,15,train,0\nair drumming,ccc,0,10,train,0\n",
				"val.csv":   "label,youtube_id,time_start,time_end,split\nair drumming,ddd,100,110,validate\n,eee,1,2,validate\n",
			}, format: "kinetics", note: "it is the test part here", skips: "1 left out: without a label",
			videos: []string{"washing, by hand/-a_b_000005_000015.mp4", "air_drumming/ccc_000000_000010.mkv", "val/ddd_000100_000110.mp4"},
			want: []string{
				`washing, by hand/-a_b_000005_000015.mp4 "washing, by hand" split=train group=-a_b`,
				`air_drumming/ccc_000000_000010.mkv "air drumming" split=train group=ccc`,
				`val/ddd_000100_000110.mp4 "air drumming" split=test group=ddd`,
			},
		},
		"ssv2: brackets, numbers as strings, validation is the test part": {
			files: map[string]string{
				"labels.json":     `{"Putting something on something": "1", "Holding something": "0"}`,
				"train.json":      `[{"id": "78687", "label": "holding a potato", "template": "Holding [something]", "placeholders": ["a potato"]}, {"id": 2, "template": "Unheard [of]"}]`,
				"validation.json": `[{"id": "3", "template": "Putting [something] on [something]"}]`,
				"test.json":       `[{"id": "4"}]`,
			}, format: "ssv2", note: "it is the test part here", skips: "template not in labels.json",
			want: []string{`78687.webm "Holding something" split=train group=78687`, `3.webm "Putting something on something" split=test group=3`},
		},
		"ssv2: with the answers of the test part, validation is validation": {
			files: map[string]string{
				"something-something-v2-labels.json":      `{"Holding something": "0", "Putting something": "1"}`,
				"something-something-v2-validation.json":  `[{"id": "3", "template": "Putting [something]"}]`,
				"something-something-v2-test.json":        `[{"id": "4"}]`,
				"something-something-v2-test-answers.csv": "4;Holding something\n",
			}, format: "ssv2",
			want: []string{`4.webm "Holding something" split=test group=4`, `3.webm "Putting something" split=val group=3`},
		},
		"ssv2-mc: the answer counts from 0": {
			files: map[string]string{"val.jsonl": `{"clip_name": "9.webm", "options": ["holding", "putting"], "answer": 1}`}, open: "val.jsonl", format: "ssv2-mc",
			want: []string{`9.webm "putting" split=test`},
		},
		"msrvtt: times are of the source, the first of many sentences": {
			files: map[string]string{"train_val_videodatainfo.json": `{"videos": [{"video_id": "video1", "url": "https://v.example/watch?v=abc", "start time": 137.7, "split": "validate"}, {"video_id": "video2", "split": "test"}],
				"sentences": [{"caption": "second", "video_id": "video1", "sen_id": 5}, {"caption": "first", "video_id": "video1", "sen_id": 4}]}`},
			format: "msrvtt", note: "2 sentences for 1 videos", skips: "without a caption",
			want: []string{`video1.mp4 "" split=val group=abc caption=first`},
		},
		"msrvtt: the 1,000 pairs": {
			files: map[string]string{"pairs.csv": "key,vid_key,video_id,sentence\nret0,msr9770,video9770,\"a man, talking\"\n"}, open: "pairs.csv", format: "msrvtt",
			want: []string{`video9770.mp4 "" split=test caption=a man, talking`},
		},
		"msrvtt: annotations and lists of the repository": {
			files: map[string]string{"MSR_VTT.json": `{"annotations": [{"image_id": "video1", "caption": "a"}, {"image_id": "video2", "caption": "b"}, {"image_id": "video3", "caption": "c"}]}`,
				"train_list_jsfusion.txt": "video1\n", "val_list_jsfusion.txt": "video2\n"}, open: "MSR_VTT.json",
			format: "msrvtt", note: "the test part here", skips: "in none of the lists",
			want: []string{`video1.mp4 "" split=train caption=a`, `video2.mp4 "" split=test caption=b`},
		},
		"didemo: with a header": {
			files: map[string]string{"DiDeMo_test.tsv": "caption\tpath\na dog, runs\ttest/x y.mp4\n"}, format: "didemo",
			want: []string{`test/x y.mp4 "" split=test caption=a dog, runs`},
		},
		"didemo: a first line that is a clip is not lost": {
			files: map[string]string{"DiDeMo_train.tsv": "a dog\tx.avi\n"}, format: "didemo", note: "has no header",
			want: []string{`x.avi "" split=train caption=a dog`},
		},
		"didemo: moments are joined": {
			files: map[string]string{"val_data.json": `[{"video": "a.mov", "description": "one"}, {"video": "b.mov", "description": "two"}, {"video": "a.mov", "description": "three"}]`}, format: "didemo",
			note: "joined", want: []string{`a.mov "" split=val caption=one three`, `b.mov "" split=val caption=two`},
		},
		"lsmdc: no header, quotes are quotes, the film's folder": {
			files:  map[string]string{"LSMDC16_challenge_1000_publictect.csv": "1_A_Film_00.00.51.926-00.00.54.129\t00.00.51.926\t00.00.54.129\t\t\t\"Run,\" SOMEONE says.\n2_B_00.01.00.000-00.01.02.000\tx\n"},
			format: "lsmdc",
			want: []string{
				`1_A_Film/1_A_Film_00.00.51.926-00.00.54.129.avi "" split=test group=1_A_Film caption="Run," SOMEONE says.`,
				`2_B/2_B_00.01.00.000-00.01.02.000.avi "" split=test group=2_B caption=x`,
			},
		},
		"tvts: counts from 1": {
			files: map[string]string{"trainlist01_new.tsv": "path\tlabel\nMow/v_Mow_g08_c01.avi\t2\n", "testlist01_new.tsv": "path\tlabel\nRun/v_Run_g01_c01.avi\t1\n",
				"label2id.json": `{"Run": 0, "Mow": 1}`}, format: "tvts", note: "labels count from 1",
			want: []string{`Run/v_Run_g01_c01.avi "Run" split=test group=Run/g01`, `Mow/v_Mow_g08_c01.avi "Mow" split=train group=Mow/g08`},
		},
		"tvts: kinetics counts from 0, its folders and endings do not hold, its val is the test part": {
			files:  map[string]string{"kinetics400_val_list_videos.tsv": "path\tlabel\nabseiling/a b.mkv\t0\nzumba/c.mkv\t1\n", "label2id.json": `{"abseiling": 0, "zumba": 1}`},
			format: "tvts", videos: []string{"a b.mp4", "videos_val/c.mp4"}, note: "it is the test part here",
			want: []string{`a b.mp4 "abseiling" split=test`, `videos_val/c.mp4 "zumba" split=test`},
		},
		"tvts: a first line that is a clip is not lost": {
			files: map[string]string{"split_1_test_list.tsv": "wave/x y.avi\t1\n"}, format: "tvts", note: "has no header",
			want: []string{`wave/x y.avi "wave" split=test`},
		},
		"label-studio: several choices; predictions and cancelled annotations are not read": {
			files: map[string]string{"export.json": studio(`{"type": "choices", "value": {"choices": ["lift", "walk"]}}`)}, open: "export.json", format: "label-studio",
			videos: []string{"a b.mp4"}, want: []string{`a b.mp4 "lift|walk"`},
		},
		"label-studio: ranges in frames from 1": {
			files: map[string]string{"export.json": studio(`{"value": {"ranges": [{"start": 1, "end": 50}], "timelinelabels": ["lift"]}}, {"value": {"ranges": [{"start": 51, "end": 75}], "timelinelabels": ["put"]}}`)},
			open:  "export.json", fps: 25, format: "label-studio", videos: []string{"a b.mp4"},
			want: []string{`a b.mp4#0-2 "lift"`, `a b.mp4#2-3 "put"`},
		},
		"label-studio: the small export": {
			files: map[string]string{"small.json": `[{"id": 1, "video": "s3://bucket/x.mp4", "label": "lift", "annotator": 1}, {"id": 2, "video": "/data/local-files/?d=day/y.mp4", "label": {"choices": ["put"]}, "annotator": 2}]`},
			open:  "small.json", format: "label-studio", want: []string{`x.mp4 "lift"`, `day/y.mp4 "put"`},
			videos: []string{"x.mp4", "day/y.mp4"},
		},
		"label-studio: annotators who disagree": {
			files: map[string]string{"export.json": `[{"id": 1, "data": {"video": "x.mp4"}, "annotations": [{"result": [{"value": {"choices": ["a"]}}]}, {"result": [{"value": {"choices": ["b"]}}]}]},
				{"id": 2, "data": {"video": "y.mp4"}, "annotations": [{"result": [{"value": {"choices": ["a"]}}]}, {"result": [{"value": {"choices": ["a"]}}]}]}, {"id": 3, "data": {"video": "z.mp4"}, "annotations": []}]`},
			open: "export.json", format: "label-studio", want: []string{`y.mp4 "a"`}, skips: "annotators disagree, e.g. export.json: task 1; 1 left out: not annotated",
		},
		"fiftyone: classification, tags, a model's field beside it": {
			files: map[string]string{"samples.json": `{"samples": [{"filepath": "data/a.mp4", "tags": ["validation"], "guess": {"_cls": "Classification", "label": "no", "confidence": 0.9},
				"action": {"_cls": "Classification", "label": "lift", "confidence": null}}, {"filepath": "data/b.mp4", "tags": [], "action": null}]}`},
			format: "fiftyone", note: `"action"`, skips: "not labelled", want: []string{`data/a.mp4 "lift" split=val`},
		},
		"fiftyone: temporal detections, frames from 1, last included": {
			files: map[string]string{"samples.json": `{"samples": [{"filepath": "/other/machine/a.mp4", "metadata": {"frame_rate": 10}, "ground_truth": {"_cls": "TemporalDetections",
				"detections": [{"label": "lift", "support": [1, 20]}, {"label": "walk", "support": [1, 20]}, {"label": "put", "support": [21, 30]}]}}]}`},
			format: "fiftyone", videos: []string{"data/a.mp4"}, want: []string{`data/a.mp4#0-2 "lift|walk"`, `data/a.mp4#2-3 "put"`},
		},
		"fiftyone: labels.json names no endings": {
			files:  map[string]string{"labels.json": `{"classes": ["lift", "put"], "labels": {"a": 1, "b": ["lift", "put"], "c": [{"label": 0, "timestamps": [1, 2.5]}], "d": null}}`},
			format: "fiftyone", videos: []string{"data/a.mp4", "data/b.avi", "data/c.mkv"}, skips: "not labelled",
			want: []string{`data/a.mp4 "put"`, `data/b.avi "lift|put"`, `data/c.mkv#1-2.5 "lift"`},
		},
		"table: several labels": {
			files: map[string]string{"m.csv": "path,labels\na.mp4,walk|lift\nb.mp4,\nc.mp4,\"[\"\"x, y\"\", \"\"z\"\"]\"\n"}, open: "m.csv", format: "table",
			want: []string{`a.mp4 "lift|walk"`, `b.mp4 ""`, `c.mp4 "x, y|z"`},
		},
		"table: repeated columns": {
			files: map[string]string{"m.csv": "path,label,label\na.mp4,walk,lift\nb.mp4,,lift\n"}, open: "m.csv", format: "table",
			want: []string{`a.mp4 "lift|walk"`, `b.mp4 "lift"`},
		},
		"table: JSON lists": {
			files: map[string]string{"m.jsonl": `{"path": "a.mp4", "labels": ["walk", "lift"]}` + "\n" + `{"path": "b.mp4", "labels": []}`}, open: "m.jsonl", format: "table",
			want: []string{`a.mp4 "lift|walk"`, `b.mp4 ""`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := readFixture(c.files, c.open, "", c.fps, c.videos...)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range m.Clips {
				got = append(got, brief(c))
			}
			if m.Format.Name != c.format || !slices.Equal(got, c.want) {
				t.Errorf("%s:\n%s\nwant %s:\n%s", m.Format.Name, strings.Join(got, "\n"), c.format, strings.Join(c.want, "\n"))
			}
			if !strings.Contains(words.Join(m.Notes, "\n").String(), c.note) || c.note == "" && strings.Contains(words.Join(m.Notes, "\n").String(), "test part") {
				t.Errorf("notes %q, want one of %q", m.Notes, c.note)
			}
			if out := m.leftOut(); !strings.Contains(out, c.skips) || c.skips == "" && out != "" {
				t.Errorf("left out %q, want %q", out, c.skips)
			}
		})
	}
}

func TestFormatErrors(t *testing.T) {
	for name, c := range map[string]struct {
		files            map[string]string
		open, format     string
		want, wantInHint string
	}{
		"nothing known":                    {map[string]string{"a.txt": "x"}, "a.txt", "", "a.txt: no list of clips", "ucf101"},
		"unknown format":                   {map[string]string{"a.txt": "x"}, "a.txt", "ucf11", `no format "ucf11"; did you mean "ucf101"?`, ""},
		"ucf101 counted from 0":            {map[string]string{"classInd.txt": "1 A\n2 B\n", "trainlist01.txt": "A/x.avi 0\n"}, "", "", "trainlist01.txt:1: label 0 of A, which classInd.txt calls 1", "count from 1"},
		"ucf101 wrong number":              {map[string]string{"classInd.txt": "1 A\n2 B\n", "trainlist01.txt": "B/x.avi 1\n"}, "", "", "label 1 of B, which classInd.txt calls 2", ""},
		"hmdb51 without a number":          {map[string]string{"wave_test_split1.txt": "x.avi\n"}, "", "", "wave_test_split1.txt:1", "1 to train"},
		"kinetics times":                   {map[string]string{"k.csv": "label,youtube_id,time_start,time_end\na,b,x,2\n"}, "k.csv", "", `k.csv:2: time_start is "x"`, ""},
		"tvts counted from 0":              {map[string]string{"trainlist01_new.tsv": "path\tlabel\nA/x.avi\t0\n"}, "", "", "label 0", "count from 1"},
		"label2id out of order":            {map[string]string{"trainlist01_new.tsv": "path\tlabel\nA/x.avi\t1\n", "label2id.json": `{"A": 1, "B": 0}`}, "", "", `"B" has the number 0, want 2`, "order"},
		"ssv2-mc options differ":           {map[string]string{"v.jsonl": `{"clip_name": "a", "options": ["x", "y"], "answer": 0}` + "\n" + `{"clip_name": "b", "options": ["x", "z"], "answer": 0}`}, "v.jsonl", "", "v.jsonl:2: its options are others", "one list"},
		"ssv2-mc answer":                   {map[string]string{"v.jsonl": `{"clip_name": "a", "options": ["x"], "answer": 1}`}, "v.jsonl", "", "v.jsonl:1", "from 0"},
		"label-studio without frame rate":  {map[string]string{"e.json": `[{"id": 4, "video": "x.mp4", "annotator": 1, "t": [{"ranges": [{"start": 1, "end": 9}], "timelinelabels": ["a"]}]}]`}, "e.json", "", "task 4: its ranges are counted in frames", "--fps"},
		"fiftyone without frame rate":      {map[string]string{"samples.json": `{"samples": [{"filepath": "a", "ground_truth": {"_cls": "TemporalDetection", "label": "x", "support": [1, 2]}}]}`}, "", "", "sample #1: its support is counted in frames", "compute_metadata"},
		"fiftyone two fields":              {map[string]string{"samples.json": `{"samples": [{"filepath": "a", "p": {"_cls": "Classification", "label": "x"}, "q": {"_cls": "Classification", "label": "y"}}]}`}, "", "", "several fields have labels: p, q", "ground_truth"},
		"fiftyone number without its name": {map[string]string{"labels.json": `{"classes": ["x"], "labels": {"a": 1}}`}, "", "", "label 1 is none of 1 class", "from 0"},
		"not JSON":                         {map[string]string{"samples.json": `{"samples": [`}, "", "", "samples.json: unexpected end", "export it again"},
		"label and labels":                 {map[string]string{"m.csv": "path,label,labels\na,b,c\n"}, "m.csv", "", "has a column label and a column labels", "keep one"},
		"labels that are no list":          {map[string]string{"m.csv": "path,labels\na,[b\n"}, "m.csv", "", "m.csv:2: labels: [b is no list", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readFixture(c.files, c.open, c.format, 0)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(fault.HintOf(err), c.wantInHint) {
				t.Fatalf("got %v, hint %q", err, fault.HintOf(err))
			}
			if k := fault.KindOf(err); k != fault.Input && k != fault.Config {
				t.Errorf("kind %v", k)
			}
		})
	}
}

// A published list none of whose videos is there is a wrong root, not an
// empty data set.
func TestPublishedListWithoutVideos(t *testing.T) {
	_, err := readFixture(map[string]string{"testlist01.txt": "A/x.avi\n"}, "testlist01.txt", "", 0, "elsewhere")
	if err == nil || !strings.Contains(err.Error(), "1 clip not found") || !strings.Contains(fault.HintOf(err), "root") {
		t.Errorf("got %v", err)
	}
}

func TestEncodings(t *testing.T) {
	const csv = "path,label\na.mp4,持ち上げる\nb.mp4,リフト\n"
	sjis, err := japanese.ShiftJIS.NewEncoder().String(strings.ReplaceAll(csv, "\n", "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	wide := func(e unicode.Endianness) string {
		text, err := unicode.UTF16(e, unicode.UseBOM).NewEncoder().String(csv)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for name, c := range map[string]struct{ text, note string }{
		"utf-8":    {csv, ""},
		"bom":      {"\ufeff" + csv, ""},
		"cp932":    {sjis, `m.csv is CP932 (Shift-JIS), e.g. "持ち上げる"`},
		"utf-16":   {wide(unicode.LittleEndian), `m.csv is UTF-16, e.g. "持ち上げる"`},
		"utf-16be": {wide(unicode.BigEndian), "m.csv is UTF-16"},
	} {
		m, err := readFixture(map[string]string{"m.csv": c.text}, "m.csv", "", 0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(m.Clips) != 2 || m.Clips[0].Labels[0] != "持ち上げる" || m.Clips[1].Labels[0] != "リフト" {
			t.Errorf("%s: %+v", name, m.Clips)
		}
		if notes := words.Join(m.Notes, "").String(); !strings.HasPrefix(notes, c.note) || (c.note == "") != (notes == "") {
			t.Errorf("%s: notes %q", name, notes)
		}
	}
	// European words in Latin-1 are often valid CP932; none may pass as Japanese.
	for _, word := range []string{"caf\xe9", "\xe9t\xe9", "Stra\xdfe", "gr\xfcn", "ma\xf1ana", "S\xe3o", "\xc5ngstr\xf6m", "na\xefve", "\xd8l", "20 \xb0C"} {
		if text, name, err := decodeText([]byte("path,label\na.mp4," + word + "\n")); err == nil {
			t.Errorf("%q is read as %s: %q", word, name, text)
		}
	}
}

// FuzzLists feeds every format by name: no input may panic, hang, or come out
// as a clip that cannot be.
func FuzzLists(f *testing.F) {
	f.Add("ucf101", "trainlist01.txt", "A/v_A_g01_c01.avi 1\n", "1 A\n")
	f.Add("hmdb51", "wave_test_split1.txt", "x_wave_1.avi 1\n", "")
	f.Add("kinetics", "k.csv", "label,youtube_id,time_start,time_end,split\na,b,0,10,val\n", "")
	f.Add("ssv2", "train.json", `[{"id": "1", "template": "Holding [something]"}]`, "")
	f.Add("ssv2-mc", "v.jsonl", `{"clip_name": "a", "options": ["x"], "answer": 0}`, "")
	f.Add("msrvtt", "x_videodatainfo.json", `{"videos": [{"video_id": "v"}], "sentences": [{"caption": "c", "video_id": "v", "sen_id": 1}]}`, "")
	f.Add("didemo", "DiDeMo_test.tsv", "c\tp\na\tb.mp4\n", "")
	f.Add("lsmdc", "LSMDC16_annos_training.csv", "1_A_00.00.51.926-00.00.54.129\tx\n", "")
	f.Add("tvts", "trainlist01_new.tsv", "path\tlabel\nA/x.avi\t1\n", `{"A": 0}`)
	f.Add("label-studio", "e.json", `[{"id": 1, "data": {"video": "x.mp4", "fps": 25}, "annotations": [{"result": [{"value": {"ranges": [{"start": 1, "end": 9}], "timelinelabels": ["a"]}}]}]}]`, "")
	f.Add("fiftyone", "samples.json", `{"samples": [{"filepath": "a", "metadata": {"frame_rate": 5}, "ground_truth": {"_cls": "TemporalDetections", "detections": [{"label": "x", "support": [1, 2]}]}}]}`, "")
	f.Add("fiftyone", "labels.json", `{"classes": ["x"], "labels": {"a": [0]}}`, "")
	f.Add("table", "m.jsonl", `{"path": "a", "labels": ["x"]}`, "")
	f.Add("table", "m.csv", "path,label\na,\x8e\x9d\x82\xc2\n", "")
	f.Add("", "m.csv", "\xff\xfep\x00", "")
	f.Fuzz(func(t *testing.T, format, name, text, beside string) {
		if !fs.ValidPath(name) || name == "." || filepath.Base(name) != name {
			return
		}
		files := map[string]string{"classInd.txt": beside, "label2id.json": beside, "labels.json": beside, "val_list_jsfusion.txt": beside}
		if beside == "" {
			clear(files)
		}
		files[name] = text
		m, err := readFixture(files, name, format, 25)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Input && k != fault.Config {
				t.Errorf("error %q of kind %v", err, k)
			}
			return
		}
		seen := map[string]bool{}
		for _, c := range m.Clips {
			id := c.Path + RangeSuffix(c.Start, c.End)
			if seen[id] || c.Path == "" || len(c.Labels) == 0 && c.Caption == "" && m.Format.Name != ClipTable || !(c.Start >= 0) || !(c.End == 0 || c.End > c.Start) {
				t.Errorf("accepted %+v", c)
			}
			seen[id] = true
			if _, ok := splitName(c.Split); !ok || (c.Split != "") != m.HasSplit {
				t.Errorf("split %q, HasSplit %v", c.Split, m.HasSplit)
			}
		}
	})
}
