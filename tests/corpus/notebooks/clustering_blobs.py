# How many clusters? Elbow, silhouette, and a look at the result.
#
# params: make_blobs.n_samples make_blobs.centers make_blobs.cluster_std best_k DBSCAN.eps DBSCAN.min_samples KMeans.n_init AgglomerativeClustering.n_clusters PCA.n_components
# borderline params: make_blobs.random_state KMeans.random_state ks KMeans.n_clusters make_blobs.n_features
# metrics: silhouette ari inertia davies_bouldin
# borderline metrics: n_clusters n_noise explained

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans
from sklearn.datasets import make_blobs
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, davies_bouldin_score, silhouette_score
from sklearn.preprocessing import StandardScaler

# %%
points, truth = make_blobs(n_samples=240, centers=4, n_features=3, cluster_std=1.1, random_state=11)
points = StandardScaler().fit_transform(points)

# %%
ks = range(2, 7)
inertias, silhouettes = [], []
for k in ks:
    km = KMeans(n_clusters=k, n_init=4, random_state=0).fit(points)
    inertias.append(km.inertia_)
    silhouettes.append(silhouette_score(points, km.labels_))
    print(k, round(inertias[-1], 2), round(silhouettes[-1], 3))

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(6, 2))
left.plot(list(ks), inertias, "o-")
right.plot(list(ks), silhouettes, "s-", color="C1")
plt.tight_layout()

# %%
best_k = 4
km = KMeans(n_clusters=best_k, n_init=4, random_state=0)
labels = km.fit_predict(points)
silhouette = silhouette_score(points, labels)
ari = adjusted_rand_score(truth, labels)
inertia = km.inertia_
davies_bouldin = davies_bouldin_score(points, labels)
print(f"silhouette {silhouette:.3f} ari {ari:.3f}")

# %%
db = DBSCAN(eps=0.5, min_samples=5).fit(points)
n_clusters = len(set(db.labels_)) - (1 if -1 in db.labels_ else 0)
n_noise = list(db.labels_).count(-1)
print("clusters:", n_clusters, "noise:", n_noise)

# %%
AgglomerativeClustering(n_clusters=4).fit(points)

# %%
pca = PCA(n_components=2)
flat = pca.fit_transform(points)
explained = pca.explained_variance_ratio_.sum()
plt.figure(figsize=(3, 3))
plt.scatter(flat[:, 0], flat[:, 1], c=labels, s=8, cmap="viridis")
plt.title(f"{explained:.0%} of the variance")
plt.show()
