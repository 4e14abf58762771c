# Ham or spam: a bag of words, by hand first and then with scikit-learn.
#
# params: max_tokens max_len lowercase CountVectorizer.ngram_range CountVectorizer.min_df MultinomialNB.alpha TfidfVectorizer.max_features train_test_split.test_size LogisticRegression.C
# borderline params: pad_token unk_token tokenizer_name stop_words TfidfVectorizer.stop_words train_test_split.random_state
# metrics: accuracy f1 vocab_coverage tfidf_acc
# borderline metrics: vocab_size n_tokens

# %%
import re
from collections import Counter

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

# %%
ham = ["see you at lunch", "the meeting moved to noon", "can you send the report", "thanks for the notes", "are you home yet"]
spam = ["win money now", "free money click now", "you won a free prize", "click here to win", "cheap pills free offer"]
texts = (ham + spam) * 4
labels = np.array(([0] * len(ham) + [1] * len(spam)) * 4)

# %%
max_tokens = 20
max_len = 6
lowercase = True
pad_token = "<pad>"
unk_token = "<unk>"
tokenizer_name = "whitespace"

# %%
def tokenize(text):
    return re.findall(r"[a-z']+", text.lower() if lowercase else text)


counts = Counter(token for text in texts for token in tokenize(text))
vocab = [pad_token, unk_token] + [token for token, _ in sorted(counts.items(), key=lambda c: (-c[1], c[0]))[:max_tokens - 2]]
index = {token: i for i, token in enumerate(vocab)}
vocab_size = len(vocab)
vocab[:6]

# %%
def encode(text):
    ids = [index.get(token, index[unk_token]) for token in tokenize(text)][:max_len]
    return ids + [index[pad_token]] * (max_len - len(ids))


encoded = np.array([encode(text) for text in texts])
n_tokens = int((encoded > 0).sum())
vocab_coverage = (encoded > 1).sum() / n_tokens
print(encoded[:3], vocab_coverage.round(3), sep="\n")

# %%
X_train, X_test, y_train, y_test = train_test_split(texts, labels, test_size=0.3, random_state=1)
model = make_pipeline(CountVectorizer(ngram_range=(1, 2), min_df=1), MultinomialNB(alpha=0.5))
model.fit(X_train, y_train)
pred = model.predict(X_test)
accuracy = accuracy_score(y_test, pred)
f1 = f1_score(y_test, pred)
print(f"accuracy={accuracy:.3f} f1={f1:.3f}")

# %%
tfidf = make_pipeline(TfidfVectorizer(max_features=30, stop_words="english"), LogisticRegression(C=10))
tfidf_acc = tfidf.fit(X_train, y_train).score(X_test, y_test)
tfidf_acc

# %%
for text in ["free lunch", "send money now", "zzz"]:
    print(text, "->", ["ham", "spam"][model.predict([text])[0]])

# %%
model.predict("free lunch")
