package domain

import "fmt"

// Language is one of the languages a Report is put into words in.
type Language string

// The languages; the zero value is English.
const (
	English  Language = "en"
	Japanese Language = "ja"
)

// phrases are the sentences of a report, as formats.
type phrases struct {
	verdict                          map[Verdict]string
	mixChange                        string // class, from, to, low, high in %
	mixDoubt                         string // after mixChange, where the look has changed too
	expected                         string // low, high in %
	noLabels                         string
	method                           map[string]string
	suggest, suggestRange, noSuggest string
	confirm                          string
}

var catalogue = map[Language]phrases{
	English: {
		verdict: map[Verdict]string{
			ShiftNone:    "No difference between the sites was found (%d and %d recordings). With few recordings that says little.",
			ShiftMix:     "The new site shows other events more often; its clips look alike (%d and %d recordings).",
			ShiftLook:    "Clips of the new site look different (%d and %d recordings).",
			ShiftBoth:    "Clips of the new site look different, and other events seem to be more frequent (%d and %d recordings).",
			ShiftUnknown: "There are too few recordings to tell a new site from another recording (%d and %d).",
		},
		mixChange: "%q: %.0f %% of clips before, about %.0f %% at the new site (%.0f to %.0f %%).",
		mixDoubt:  "These shares take the clips to look as before; a class that is now mistaken for another seems rarer than it is.",
		expected:  "As it is, the classifier can be expected to be right on %.0f to %.0f %% of the new clips. This is an estimate without labels, and it is too high where the classifier is sure of what it gets wrong.",
		noLabels:  "Without a classifier and labelled clips of the old site no accuracy can be estimated.",
		method: map[string]string{
			"center": "moving the new site's mean onto the old one's", "coral": "matching mean and covariance of the two sites",
			"linear-ot": "matching the two sites by the smallest movement of clips", "em-prior": "correcting for the mix of events",
			"bbse": "correcting for the mix of events by the confusion matrix", "stata": "letting the new site's clips inform each other",
			"shot": "moving the new site's clips until the classifier is sure of them and its answers match the estimated mix",
		},
		suggest:      "Try %s first: %s.",
		suggestRange: "Try %s first: %s; expected %.0f to %.0f %%.",
		noSuggest:    "Nothing that needs no labels is expected to help: label clips of the new site.",
		confirm:      "Label %d clips of the new site, each from another recording, to know its accuracy to ±10 points.",
	},
	Japanese: {
		verdict: map[Verdict]string{
			ShiftNone:    "拠点間の違いは見つかりませんでした(録画数 %d と %d)。録画が少ない場合、これだけでは判断できません。",
			ShiftMix:     "新しい拠点では各イベントの割合が異なります。映像の見え方は同じです(録画数 %d と %d)。",
			ShiftLook:    "新しい拠点の映像は見え方が異なります(録画数 %d と %d)。",
			ShiftBoth:    "新しい拠点の映像は見え方が異なり、各イベントの割合も異なるようです(録画数 %d と %d)。",
			ShiftUnknown: "録画が少なすぎるため、拠点の違いと録画の違いを区別できません(録画数 %d と %d)。",
		},
		mixChange: "%q:以前は %.0f %%、新しい拠点では約 %.0f %%(%.0f~%.0f %%)。",
		mixDoubt:  "これらの割合は見え方が変わらない前提の値です。別のクラスと取り違えられるクラスは実際より少なく見えます。",
		expected:  "現状のままでは、新しい映像での正解率は %.0f~%.0f %% と見込まれます。ラベルなしの推定であり、分類器が誤りに確信を持つ場合は高すぎる値になります。",
		noLabels:  "分類器と元の拠点のラベル付き映像がないため、正解率は推定できません。",
		method: map[string]string{
			"center": "新しい拠点の平均を元の拠点に合わせる", "coral": "両拠点の平均と共分散を合わせる",
			"linear-ot": "最小の移動で両拠点を合わせる", "em-prior": "イベントの割合を補正する",
			"bbse": "混同行列からイベントの割合を補正する", "stata": "新しい拠点の映像どうしを参照させる",
			"shot": "分類器の確信と推定された割合に合うよう新しい拠点の映像を移動させる",
		},
		suggest:      "まず %s を試してください:%s。",
		suggestRange: "まず %s を試してください:%s。見込みは %.0f~%.0f %% です。",
		noSuggest:    "ラベルなしで改善が見込める方法はありません。新しい拠点の映像にラベルを付けてください。",
		confirm:      "正解率を±10ポイントで確かめるには、新しい拠点の映像 %d 本(それぞれ別の録画)にラベルを付けてください。",
	},
}

// sentences puts a report into words.
func (l Language) sentences(r Report) []string {
	p, ok := catalogue[l]
	if !ok {
		p = catalogue[English]
	}
	out := []string{fmt.Sprintf(p.verdict[r.Verdict], r.SourceGroups, r.TargetGroups)}
	if r.Verdict == ShiftMix || r.Verdict == ShiftBoth {
		for c, i := range r.EMIntervals {
			if before := r.SourcePrior[c]; before < i[0] || before > i[1] {
				out = append(out, fmt.Sprintf(p.mixChange, r.Classes[c], 100*before, 100*r.EMPrior[c], 100*i[0], 100*i[1]))
			}
		}
	}
	if r.Verdict == ShiftBoth && len(out) > 1 {
		out = append(out, p.mixDoubt)
	}
	if e := r.EstimatedAccuracy; e != nil {
		out = append(out, fmt.Sprintf(p.expected, 100*e[0], 100*e[1]))
	} else {
		out = append(out, p.noLabels)
	}
	for _, t := range r.Tried {
		if t.Method != r.Suggested {
			continue
		}
		if e := t.EstimatedAccuracy; e != nil {
			out = append(out, fmt.Sprintf(p.suggestRange, t.Method, p.method[t.Method], 100*e[0], 100*e[1]))
		} else {
			out = append(out, fmt.Sprintf(p.suggest, t.Method, p.method[t.Method]))
		}
	}
	if len(r.Tried) > 0 && r.Suggested == "" {
		out = append(out, p.noSuggest)
	}
	return append(out, fmt.Sprintf(p.confirm, r.ClipsToConfirm))
}
